/* SPDX-License-Identifier: ISC */
/* What follows in a piece: a record, a part of one, raw bytes or zeros. */
#include "cols/field.h"
#include "cols/frame.h"
#include "cols/rechead.h"
#include "cols/model.h"
#include "cols/recshape.h"
#include "cols/piece.h"
#include "pg/crc32c.h"

#define CRC		20		/* offset of xl_crc */
#define PREV		8		/* offset of xl_prev */
#define RECORD_MAX	(1020U << 20)	/* XLogRecordMaxSize (16) */
#define CONTRECORD	0x0001		/* XLP_FIRST_IS_CONTRECORD */
#define LONG_HEADER	0x0002		/* XLP_LONG_HEADER */

static uint32_t
align8(uint32_t n)
{
	return ((n + 7) & ~7U);
}

static uint8_t *
begins_page(const struct walk *w)
{
	return (w->m->pos % WALK_PAGE == 0 ? w->out : NULL);
}

/* "n" bytes as they are. */
static void
bytes(struct walk *w, size_t n)
{
	if (n == 0 || n > w->out_n || n > WALK_PAGE) {
		w->bad = 1;
		return;
	}
	walk_bytes(w, WALK_RAW, w->dec ? w->page : w->out, n);
	frame_emit(w, w->dec ? w->page : w->out, n);
}

static void
raw(struct walk *w, size_t n)
{
	uint8_t	 b[4];

	little_put(b, 4, n);
	bytes(w, (size_t)field_last(w, &w->m->run, b, 4));
}

static void
zeros(struct walk *w, size_t n)
{
	uint8_t	 b[4];

	little_put(b, 4, n);
	n = (size_t)field_last(w, &w->m->run, b, 4);
	if (n == 0)
		w->bad = 1;
	memset(w->page, 0, WALK_PAGE);
	for (; n > 0 && !w->bad; n -= n < WALK_PAGE ? n : WALK_PAGE)
		frame_emit(w, w->page, n < WALK_PAGE ? n : WALK_PAGE);
}

/*
 * What this page holds of a record of which "rem" bytes are left: because it
 * is not complete in the piece, or is none that can be taken apart.
 */
static void
part(struct walk *w, uint8_t code, uint32_t rem)
{
	uint8_t		 b[4];
	uint32_t	 n;

	little_put(b, 4, rem);
	rem = (uint32_t)field_last(w, &w->m->rem, b, 4);
	if (rem == 0 || rem > RECORD_MAX) {
		w->bad = 1;
		return;
	}
	if (w->m->pos % WALK_PAGE == 0)
		frame_page(w, w->out, code == CODE_CONTINUE ? rem : 0);
	if (code == CODE_BEGIN)
		w->m->prev = w->m->base + w->m->pos;
	n = frame_left(w->m->pos);
	if (align8(rem) < n)
		n = align8(rem);
	bytes(w, n);
	w->m->left = rem > n ? rem - n : 0;
}

/* Pass over the record at hand and the padding behind it. */
static void
pass(struct walk *w)
{
	static uint8_t	 zero[8];
	uint32_t	 at, n;
	uint64_t	 lsn;

	if (w->m->pos % WALK_PAGE == 0)
		frame_page(w, w->out, 0);
	lsn = w->m->base + w->m->pos;
	for (at = 0; at < w->len && !w->bad; at += n) {
		if (w->m->pos % WALK_PAGE == 0)
			frame_page(w, w->out, w->len - at);
		n = frame_left(w->m->pos);
		if (n > w->len - at)
			n = w->len - at;
		frame_emit(w, w->rec + at, n);
	}
	frame_emit(w, zero, align8(w->m->pos) - w->m->pos);
	w->m->prev = lsn;
}

/* The CRC of the record at hand: its data first, its header last. */
static uint32_t
crc_of(const struct walk *w)
{
	return (crc32c_update(crc32c_update(0, w->rec + SHAPE_HEADER,
	    w->len - SHAPE_HEADER), w->rec, CRC));
}

static void
set_prev(struct walk *w)
{
	uint8_t	 b[8];

	little_put(b, 8, little_get(w->rec + PREV, 8));
	walk_bytes(w, WALK_DEF, b, 8);
	w->m->prev = little_get(b, 8);
}

/*
 * Copy the record of "n" bytes, which begins behind the "at" bytes of a page
 * header, without the page headers in it.  Returns 1; 0 if the input ends
 * before; or -1 if other bytes lie between its parts than there should.
 */
static int
gather(struct walk *w, uint32_t at, uint32_t n)
{
	const uint8_t	*h = w->out;
	uint32_t	 got = 0, k, pos = w->m->pos;

	while (got < n) {
		k = frame_left(pos + at);
		if (k > n - got)
			k = n - got;
		if (w->out_n < (size_t)at + k)
			return (0);
		memcpy(w->rec + got, w->out + at, k);
		at += k;
		if ((got += k) == n)
			break;
		if (w->out_n < (size_t)at + FRAME_SHORT)
			return (0);
		h = w->out + at;
		if (recshape_major(little_u16(h)) == 0 || h[3] != 0 ||
		    (h[2] & ~4) != CONTRECORD || little_u32(h + 16) != n - got)
			return (-1);
		at += FRAME_SHORT;
	}
	for (k = align8(at) - at; k > 0 && at < w->out_n; k--)
		if (w->out[at++] != 0)
			return (-1);
	return (k == 0);
}

/* Returns 0 if it cannot be taken apart. */
static int
record(struct walk *w, uint32_t n)
{
	uint8_t	 shape[WALK_SHAPE], code = CODE_PREV;
	size_t	 len;

	w->len = n;
	if (little_u32(w->rec + CRC) != crc_of(w))
		return (0);
	len = recshape_parse(w->rec, n, recshape_major(w->m->magic), shape,
	    sizeof(shape));
	if (len == 0)
		return (0);
	if (little_get(w->rec + PREV, 8) != w->m->prev) {
		rechead_code(w, &code);
		set_prev(w);
	}
	code = rechead_code_of(w, little_u32(w->rec + 4));
	rechead_code(w, &code);
	rechead_record(w, code, shape, len);
	pass(w);
	return (1);
}

static void
run(struct walk *w, uint8_t code, size_t n)
{
	rechead_code(w, &code);
	switch (code) {
	case CODE_BEGIN:
	case CODE_CONTINUE:
		part(w, code, (uint32_t)n);
		break;
	case CODE_RAW:
		raw(w, n);
		break;
	case CODE_ZEROS:
		zeros(w, n);
		break;
	}
}

/* How many bytes from here on are zero, in words of eight. */
static size_t
zero_bytes(const struct walk *w)
{
	size_t	 n = 0;

	while (w->out_n - n >= 8 && little_get(w->out + n, 8) == 0)
		n += 8;
	return (n);
}

/* Where no record begins. */
static void
other(struct walk *w)
{
	const size_t	 n = zero_bytes(w), left = frame_left(w->m->pos);

	if (n > 0)
		run(w, CODE_ZEROS, n);
	else
		run(w, CODE_RAW, w->out_n < left ? w->out_n : left);
	w->m->left = 0;
}

/* The record at "head" bytes from here.  Returns 1 if the piece ends. */
static int
begin(struct walk *w, unsigned head, int last)
{
	const uint32_t	 n = little_u32(w->out + head);
	int		 rc = -1;

	if (n < SHAPE_HEADER || n > RECORD_MAX) {
		if (head > 0)
			run(w, CODE_RAW, head);
		else
			other(w);
		return (0);
	}
	if (n <= WALK_RECORD && (rc = gather(w, head, n)) == 0 && !last)
		return (1);
	if (rc != 1 || !record(w, n))
		run(w, CODE_BEGIN, n);
	return (0);
}

/* Returns 1 if what is left of the input belongs to the next piece. */
static int
split(struct walk *w, int last)
{
	struct model	*m = w->m;
	const uint8_t	*page = begins_page(w);

	if (w->out_n < frame_left(m->pos)) {
		if (last)
			other(w);
		return (!last);
	}
	if (page != NULL) {
		if (!frame_plausible(w, page)) {
			other(w);
			return (0);
		}
		if (m->magic == 0)
			m->magic = little_u16(page);
		m->left = page[2] & CONTRECORD ? little_u32(page + 16) : 0;
	}
	if (m->left > RECORD_MAX) {
		other(w);
		return (0);
	}
	if (m->left > 0) {
		run(w, CODE_CONTINUE, m->left);
		return (0);
	}
	return (begin(w, page != NULL ? frame_header(m->pos) : 0, last));
}

enum piece_group
piece_group(unsigned column)
{
	switch (column) {
	case WALK_ROWS:
		return (PIECE_ROWS);
	case WALK_RAW:
	case WALK_DEF:
	case WALK_GAPS:
		return (PIECE_REST);
	default:
		return (PIECE_NUMBERS);
	}
}

unsigned
piece_columns(const struct walk *w)
{
	return (w->m->ncol);
}

int
piece_known(const uint8_t *p)
{
	return (recshape_major(little_u16(p)) != 0 && (p[2] & LONG_HEADER) &&
	    little_u32(p + 36) == WALK_PAGE);
}

static void
start(struct walk *w, struct columns *c, uint8_t *p, size_t n)
{
	w->cols = c;
	w->out = p;
	w->out_n = n;
	w->bad = 0;
}

size_t
piece_split(struct walk *w, struct columns *c, const uint8_t *p, size_t n,
    int last)
{
	start(w, c, (uint8_t *)(uintptr_t)p, n);	/* only read */
	while (w->out_n > 0 && !w->bad)
		if (split(w, last))
			break;
	return (w->bad || !column_ok(c) ? 0 : n - w->out_n);
}

static void
join(struct walk *w)
{
	uint8_t	 code = 0;

	rechead_code(w, &code);
	if (code >= CODE_CODES)
		w->bad = 1;
	else if (code == CODE_PREV)
		set_prev(w);
	else if (code < CODE_PREV) {
		rechead_record(w, code, NULL, 0);
		if (w->bad)
			return;
		little_put(w->rec, 4, w->len);
		little_put(w->rec + PREV, 8, w->m->prev);
		little_put(w->rec + CRC, 4, crc_of(w));
		pass(w);
	} else if (code == CODE_RAW)
		raw(w, 0);
	else if (code == CODE_ZEROS)
		zeros(w, 0);
	else
		part(w, code, 0);
}

static int
joined(struct walk *w, struct columns *c, uint8_t *p, size_t n, int check)
{
	start(w, c, p, n);
	w->check = check;
	while (w->out_n > 0 && !w->bad && column_ok(c))
		join(w);
	return (w->bad || !column_read(c) ? -1 : 0);
}

int
piece_join(struct walk *w, struct columns *c, uint8_t *p, size_t n)
{
	return (joined(w, c, p, n, 0));
}

int
piece_check(struct walk *w, struct columns *c, const uint8_t *p, size_t n)
{
	return (joined(w, c, (uint8_t *)(uintptr_t)p, n, 1));
}

void
piece_skip(struct walk *w, uint32_t pos, size_t n)
{
	model_reset(w);
	w->m->pos = pos + (uint32_t)n;
}
