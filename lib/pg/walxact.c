/* SPDX-License-Identifier: ISC */
/*
 * Finds what WAL says of transactions, restore points and the like.
 *
 * Records follow one another, each at a multiple of 8.  A record that reaches
 * the end of a page continues behind the header of the next one.  That header
 * says how many bytes of the record are left, which shows whether the page
 * really continues the record.
 */
#include <string.h>

#include "pg/crc32c.h"
#include "pg/native.h"
#include "pg/walxact.h"

#define PAGE_SHORT	24		/* SizeOfXLogShortPHD */
#define CONTRECORD	0x0001		/* XLP_FIRST_IS_CONTRECORD */
#define LONG_HEADER	0x0002		/* XLP_LONG_HEADER */

#define REC_HEADER	24		/* SizeOfXLogRecord */
#define REC_CRC		20		/* offset of xl_crc */
#define REC_MAX		(1020U << 20)	/* XLogRecordMaxSize (16) */

#define RM_XLOG		0		/* RM_XLOG_ID */
#define XLOG_SWITCH	0x40
#define OPMASK		0xf0		/* ~XLR_INFO_MASK */
#define REC_INFO	16		/* offsets of xl_info, xl_rmid */
#define REC_RMID	17
#define XID_FIRST	3		/* FirstNormalTransactionId */

void
walxact_begin(struct walxact *x)
{
	memset(x, 0, sizeof(*x));
	x->want = WALSEG_HEADER;	/* the first page has a long header */
	x->last = WALXACT_NONE;
	x->end_at = x->record_at = WALXACT_NOWHERE;
}

/* Whether this record says something, as far as its header shows. */
static int
matters(const struct walxact *x)
{
	return (walevent_matters(x->rec[REC_RMID], x->rec[REC_INFO]));
}

static void
take(struct walxact *x, const struct walevent *ev)
{
	if (ev->kind == WALEVENT_RUNNING) {
		x->running = ev->next;
		x->oldest = ev->oldest;
		x->high = 0;	/* what was seen until here is lower */
	}
	if (ev->kind == WALEVENT_END) {
		if (ev->time_us > x->last)
			x->last = ev->time_us;
		x->end_at = x->at;
	}
	if (x->each != NULL)
		x->each(x->arg, ev);
}

/* The record is complete. */
static void
end_record(struct walxact *x)
{
	struct walevent	 ev = { .at = x->at };

	/* Recovery ends at a wrong CRC; what follows here is noted anyway. */
	if (matters(x)) {
		if (crc32c_update(x->crc, x->rec, REC_CRC) !=
		    native_u32(x->rec + REC_CRC))
			x->wrong = 1;
		else if (walevent_parse(&ev, x->rec, x->nrec))
			take(x, &ev);
	}
	x->record_at = x->at;
	/* The rest of the segment is zeros. */
	if (x->rec[REC_RMID] == RM_XLOG &&
	    (x->rec[REC_INFO] & OPMASK) == XLOG_SWITCH)
		x->switched = x->stop = 1;
	x->total = 0;
	x->nrec = x->seen = 0;
}

/*
 * A page's header is complete.  The page must continue the record under way;
 * if it does not, that record never ended, and the page says how many bytes
 * of another one to skip.
 */
static void
end_header(struct walxact *x)
{
	const struct walseg	 s = walseg_parse(x->page);
	uint32_t		 left = native_u32(x->page + 16);

	if (s.magic == 0) {		/* never written: nothing follows */
		x->stop = 1;
		return;
	}
	x->tli = s.tli;
	if (x->blcksz == 0) {
		x->blcksz = s.blcksz;
		x->segsize = s.segsize;
		if ((s.info & LONG_HEADER) == 0 ||
		    !walseg_blcksz_ok(s.blcksz) || s.segsize == 0 ||
		    s.segsize % s.blcksz != 0)
			x->stop = 1;
	}
	if ((s.info & CONTRECORD) != 0 && x->total != 0 &&
	    left == x->total - x->seen)
		return;
	x->total = 0;
	x->nrec = x->seen = 0;
	x->skip = (s.info & CONTRECORD) != 0 ? left : 0;
	if (left > REC_MAX)
		x->stop = 1;
}

/* A record begins with its length and its transaction (xl_tot_len, xl_xid). */
static void
begin_record(struct walxact *x)
{
	uint32_t	 total = native_u32(x->rec);
	uint32_t	 xid = native_u32(x->rec + 4);

	if (total < REC_HEADER || total > REC_MAX)
		x->stop = 1;		/* zeros follow a switch of WAL */
	else if (xid >= XID_FIRST && (x->high == 0 ||
	    walxact_xid_newer(xid, x->high)))
		x->high = xid;
	x->total = total;
	x->crc = 0;
}

static size_t
least(size_t a, uint64_t b)
{
	return (b < a ? (size_t)b : a);
}

/* Take bytes of a record; returns how many. */
static size_t
add_record(struct walxact *x, const uint8_t *p, size_t n)
{
	size_t	 keep, was = x->nrec;

	/* Records are aligned, so no page ends within their first 8 bytes. */
	if (x->seen == 0)
		x->at = x->off;
	if (x->seen < 8) {
		n = least(n, 8 - x->seen);
		memcpy(x->rec + x->nrec, p, n);
		x->nrec += n;
		x->seen += (uint32_t)n;
		if (x->seen == 8)
			begin_record(x);
		return (n);
	}
	/*
	 * xl_crc covers the bytes behind the header first, and then the header
	 * up to xl_crc itself.  So the header is taken apart from the rest.
	 */
	n = least(n, x->total - x->seen);
	if (x->seen < REC_HEADER)
		n = least(n, REC_HEADER - x->seen);
	if (x->seen < REC_HEADER || matters(x)) {
		keep = least(n, sizeof(x->rec) - was);
		memcpy(x->rec + was, p, keep);
		x->nrec += keep;
		if (x->seen >= REC_HEADER)
			x->crc = crc32c_update(x->crc, p, n);
	}
	x->seen += (uint32_t)n;
	return (n);
}

/* Skip the padding behind a record, up to the next multiple of 8. */
static void
align(struct walxact *x)
{
	x->skip = (8 - x->off % 8) % 8;
}

/* Take bytes between a page's header and its end; returns how many. */
static size_t
add_body(struct walxact *x, const uint8_t *p, size_t n)
{
	if (x->skip > 0) {
		n = least(n, x->skip);
		x->skip -= n;
		x->off += n;
		if (x->skip == 0 && x->seen == 0)
			align(x);
		return (n);
	}
	n = add_record(x, p, n);
	x->off += n;
	if (x->total != 0 && x->seen == x->total) {
		end_record(x);
		align(x);
	}
	return (n);
}

static size_t
add_header(struct walxact *x, const uint8_t *p, size_t n)
{
	n = least(n, x->want - x->npage);
	memcpy(x->page + x->npage, p, n);
	x->npage += n;
	x->off += n;
	if (x->npage == x->want)
		end_header(x);
	return (n);
}

void
walxact_add(struct walxact *x, const void *data, size_t n)
{
	const uint8_t	*p = data;
	size_t		 took;

	for (; n > 0 && !x->stop; p += took, n -= took) {
		if (x->blcksz != 0 && x->off % x->blcksz == 0) {
			x->npage = 0;
			x->want = x->off % x->segsize == 0 ? WALSEG_HEADER :
			    PAGE_SHORT;
		}
		if (x->npage < x->want)
			took = add_header(x, p, n);
		else
			took = add_body(x, p, least(n, x->blcksz -
			    x->off % x->blcksz));
	}
}

void
walxact_each(struct walxact *x, walxact_fn *each, void *arg)
{
	x->each = each;
	x->arg = arg;
}

uint32_t
walxact_timeline(const struct walxact *x)
{
	return (x->tli);
}

int64_t
walxact_last(const struct walxact *x)
{
	return (x->last);
}

uint64_t
walxact_end_at(const struct walxact *x)
{
	return (x->end_at);
}

uint64_t
walxact_record_at(const struct walxact *x)
{
	return (x->record_at);
}

void
walxact_xids(const struct walxact *x, uint32_t *next, uint32_t *high)
{
	*next = x->running;
	*high = x->high;
}

uint32_t
walxact_oldest(const struct walxact *x)
{
	return (x->oldest);
}

int
walxact_xid_newer(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) > 0);
}

int
walxact_whole(const struct walxact *x)
{
	return (!x->wrong && (x->switched || (!x->stop && x->segsize != 0 &&
	    x->off % x->segsize == 0)));
}

int
walxact_sound(const struct walxact *x)
{
	return (!x->wrong && (x->switched || (!x->stop && x->off > 0)));
}

size_t
walxact_cut(const struct walxact *x, const uint8_t **rec, uint32_t *seen)
{
	*rec = x->rec;
	*seen = x->seen;
	if (x->stop || x->seen == 0)
		return (0);
	return (x->nrec < REC_HEADER ? x->nrec : REC_HEADER);
}

int
walxact_pending(const struct walxact *x)
{
	if (x->stop || x->seen == 0)
		return (0);
	/* xl_rmid and xl_info are in the header, which may be cut, too. */
	return (x->seen < REC_HEADER ||
	    walevent_is_end(x->rec[REC_RMID], x->rec[REC_INFO]));
}

int
walxact_carries(const struct walxact *x)
{
	return (!x->stop && x->seen != 0 && (x->seen < REC_HEADER ||
	    matters(x)));
}
