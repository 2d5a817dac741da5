/* SPDX-License-Identifier: ISC */
/*
 * Finds the ends of transactions in a WAL segment.
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
#define RM_XACT		1		/* RM_XACT_ID */
#define XACT_OPMASK	0x70
#define XACT_PREPARED	0x30		/* the ends of prepared ones */
#define XACT_HAS_INFO	0x80
#define XINFO_DB	0x0001		/* xact.h: XACT_XINFO_HAS_DBINFO */
#define XINFO_TWOPHASE	0x0010
#define XINFO_LISTS	0x010e		/* subtransactions, files, messages,
					   statistics */
#define RM_TBLSPC	5		/* RM_TBLSPC_ID */
#define TBLSPC_CREATE	0x00		/* XLOG_TBLSPC_CREATE */
#define RM_STANDBY	8		/* RM_STANDBY_ID */
#define RUNNING_XACTS	0x10		/* XLOG_RUNNING_XACTS */
#define RUNNING_NEXT	12		/* offset of xl_running_xacts.nextXid */
#define RUNNING_OLDEST	16		/* and of .oldestRunningXid */
#define XID_FIRST	3		/* FirstNormalTransactionId */
#define EPOCH_US	(INT64_C(946684800) * 1000000)	/* 2000-01-01 */

void
walxact_begin(struct walxact *x)
{
	memset(x, 0, sizeof(*x));
	x->want = WALSEG_HEADER;	/* the first page has a long header */
	x->last = WALXACT_NONE;
	x->end_at = x->record_at = WALXACT_NOWHERE;
}

/* Whether this record is the end of a transaction, by xl_rmid and xl_info. */
static int
is_end(const struct walxact *x)
{
	if (x->rec[17] != RM_XACT)
		return (0);
	switch (x->rec[16] & XACT_OPMASK) {
	case 0x00:			/* XLOG_XACT_COMMIT */
	case 0x20:			/* ABORT */
	case 0x30:			/* COMMIT_PREPARED */
	case 0x40:			/* ABORT_PREPARED */
		return (1);
	}
	return (0);
}

/* Whether this record lists the transactions that run. */
static int
is_list(const struct walxact *x)
{
	return (x->rec[17] == RM_STANDBY &&
	    (x->rec[16] & OPMASK) == RUNNING_XACTS);
}

/* Whether this record makes a tablespace. */
static int
is_space(const struct walxact *x)
{
	return (x->rec[17] == RM_TBLSPC &&
	    (x->rec[16] & OPMASK) == TBLSPC_CREATE);
}

/* Whether this record says something that is wanted here. */
static int
matters(const struct walxact *x)
{
	return (is_end(x) || is_list(x) || is_space(x));
}

/*
 * The offset of the record's main data, which in an end begins with the time
 * (xl_xact_commit, xl_xact_abort); 0 if it is not among the bytes that were
 * kept.  Such a record refers to no block, but an origin and the top-level
 * transaction's number may precede the main data.
 */
static size_t
main_data(const struct walxact *x)
{
	size_t	 at = REC_HEADER;

	while (at < x->nrec)
		switch (x->rec[at]) {
		case 255:		/* XLR_BLOCK_ID_DATA_SHORT */
			return (at + 2);
		case 254:		/* _DATA_LONG */
			return (at + 5);
		case 253:		/* _ORIGIN */
			at += 3;
			break;
		case 252:		/* _TOPLEVEL_XID */
			at += 5;
			break;
		default:
			return (0);
		}
	return (0);
}

/*
 * The number of a prepared transaction that ends, which is not in the record's
 * header: after time, xinfo and dbinfo (xl_xact_parsed_commit).  0 if lists
 * of any length stand before it, or it is not among the bytes kept.
 */
static uint32_t
prepared_xid(const struct walxact *x, size_t at)
{
	uint32_t	 xinfo;

	if ((x->rec[16] & XACT_HAS_INFO) == 0 || at + 12 > x->nrec)
		return (0);
	xinfo = native_u32(x->rec + at + 8);
	at += xinfo & XINFO_DB ? 20 : 12;
	if ((xinfo & XINFO_LISTS) != 0 || (xinfo & XINFO_TWOPHASE) == 0 ||
	    at + 4 > x->nrec)
		return (0);
	return (native_u32(x->rec + at));
}

static void
note_fate(struct walxact *x, size_t at)
{
	uint32_t	 xid = native_u32(x->rec + 4);

	if (x->watched == 0)
		return;
	if ((x->rec[16] & XACT_OPMASK) >= XACT_PREPARED &&
	    (xid = prepared_xid(x, at)) == 0 && x->fate == WALXACT_UNSEEN)
		x->fate = WALXACT_PERHAPS;
	if (xid == x->watched)
		x->fate = WALXACT_ENDED;
}

/* A tablespace's number and path (xl_tblspc_create_rec). */
static void
take_space(const struct walxact *x, size_t at)
{
	if (x->found != NULL && at + 4 < x->nrec &&
	    memchr(x->rec + at + 4, '\0', x->nrec - at - 4) != NULL)
		x->found(x->arg, native_u32(x->rec + at),
		    (const char *)x->rec + at + 4);
}

/* What a record that matters says; its main data is at offset "at". */
static void
take(struct walxact *x, size_t at)
{
	int64_t	 us;

	if (is_space(x))
		take_space(x, at);
	if (is_list(x) && at + RUNNING_OLDEST + 4 <= x->nrec) {
		x->running = native_u32(x->rec + at + RUNNING_NEXT);
		x->oldest = native_u32(x->rec + at + RUNNING_OLDEST);
		x->high = 0;	/* what was seen until here is lower */
	}
	if (!is_end(x) || at + 8 > x->nrec)
		return;
	us = (int64_t)native_u64(x->rec + at);
	if (us <= INT64_MAX - EPOCH_US && us + EPOCH_US > x->last)
		x->last = us + EPOCH_US;
	x->end_at = x->at;
	note_fate(x, at);
}

/* The record is complete. */
static void
end_record(struct walxact *x)
{
	size_t	 at;

	if (matters(x) &&
	    crc32c_update(x->crc, x->rec, REC_CRC) ==
	    native_u32(x->rec + REC_CRC) && (at = main_data(x)) != 0)
		take(x, at);
	x->record_at = x->at;
	/* The rest of the segment is zeros. */
	if (x->rec[17] == RM_XLOG &&
	    (x->rec[16] & OPMASK) == XLOG_SWITCH)
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
	if (x->blcksz == 0) {
		x->blcksz = s.blcksz;
		x->segsize = s.segsize;
		if ((s.info & LONG_HEADER) == 0 || s.segsize == 0 ||
		    !walseg_blcksz_ok(s.blcksz))
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
	keep = least(n, (x->seen >= REC_HEADER && is_space(x) ?
	    WALXACT_SPACE : WALXACT_RECORD) - was);
	memcpy(x->rec + was, p, keep);
	x->nrec += keep;
	if (x->seen >= REC_HEADER && matters(x))
		x->crc = crc32c_update(x->crc, p, n);
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

void
walxact_watch(struct walxact *x, uint32_t xid)
{
	x->watched = xid;
}

enum walxact_fate
walxact_fate(const struct walxact *x)
{
	return (x->fate);
}

int
walxact_xid_newer(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) > 0);
}

int
walxact_whole(const struct walxact *x)
{
	return (x->switched || (!x->stop && x->off > 0 &&
	    x->off == x->segsize));
}

int
walxact_sound(const struct walxact *x)
{
	return (x->switched || (!x->stop && x->off > 0));
}

int
walxact_pending(const struct walxact *x)
{
	if (x->stop || x->seen == 0)
		return (0);
	/* xl_rmid and xl_info are in the header, which may be cut, too. */
	return (x->seen < REC_HEADER || is_end(x));
}

void
walxact_spaces(struct walxact *x, walxact_found *found, void *arg)
{
	x->found = found;
	x->arg = arg;
}

int
walxact_carries(const struct walxact *x)
{
	return (!x->stop && x->total != 0 && (x->seen < REC_HEADER ||
	    is_space(x)));
}
