/* SPDX-License-Identifier: ISC */
/* Rows in records of the heap. */
#include "cols/field.h"
#include "cols/model.h"
#include "cols/row.h"

#define ROW_HEADER	23		/* SizeofHeapTupleHeader */
#define HEAP_HEADER	5		/* SizeOfHeapHeader */
#define MULTI_HEADER	7		/* SizeOfMultiInsertTuple */
#define PREFIX		0x20		/* XLH_UPDATE_PREFIX_FROM_OLD */
#define SUFFIX		0x40

/* Null bits and padding. */
static void
null_bits(struct walk *w, struct rel *r, uint8_t *p, size_t n)
{
	for (; n > 0; p++, n--)
		(void)field_plain(w, &r->bits, p, 1);
}

void
row_body(struct walk *w, struct rel *r, struct field *words, uint8_t hoff,
    uint8_t *p, size_t n)
{
	size_t	 nbits = hoff > ROW_HEADER ? hoff - ROW_HEADER : 0;

	if (nbits > n)
		nbits = n;
	null_bits(w, r, p, nbits);
	field_words(w, words, 0, p + nbits, n - nbits);
}

/* xl_heap_header: two infomasks, t_hoff. */
static void
header(struct walk *w, struct rel *r, uint8_t *p)
{
	(void)field_last(w, &r->rowhead[0], p, 2);
	(void)field_last(w, &r->rowhead[1], p + 2, 2);
	(void)field_last(w, &r->rowhead[2], p + 4, 1);
}

void
row_insert(struct walk *w, struct rel *r, uint8_t *p, size_t n)
{
	if (n < HEAP_HEADER) {
		walk_bytes(w, WALK_RAW, p, n);
		return;
	}
	header(w, r, p);
	row_body(w, r, r->word, p[4], p + HEAP_HEADER, n - HEAP_HEADER);
}

/* The bytes in which a row differs from the old one, from "at" on. */
static void
changed(struct walk *w, struct rel *r, size_t at, uint8_t *p, size_t n)
{
	for (; n > 0 && at < WALK_BYTES; at++, p++, n--) {
		if (r->byte[at] == 0)
			r->byte[at] = (uint16_t)(model_planes(w, 1) + 1);
		walk_byte(w, r->byte[at] - 1U, p);
	}
	walk_bytes(w, WALK_ROWS, p, n);
}

static void
replace(struct value *v, size_t i, uint8_t byte)
{
	v->v &= ~(UINT32_C(0xff) << (8 * i));
	v->v |= (uint32_t)byte << (8 * i);
}

/*
 * A number of "n" bytes that an update changed, if the number in the same
 * place of the old row is known: near to it, and perhaps by as much as the
 * same transaction changed another one.
 */
static void
number(struct walk *w, struct rel *r, const struct value *old, unsigned shift,
    uint8_t *p, size_t n)
{
	const uint32_t	 was = old->v >> (8 * shift);
	const uint64_t	 more[2] = { was, was + w->x->delta };
	uint32_t	 d;

	d = (uint32_t)field_pick(w, &r->value[n - 1], p, (unsigned)n, more,
	    2) - was;
	d <<= 32 - 8 * n;
	w->x->delta = (uint32_t)((int32_t)d >> (32 - 8 * n));
}

/* The bytes in which a row differs from the old one, from "at" on. */
static void
difference(struct walk *w, const struct refs *refs, const uint8_t *main,
    size_t at, uint8_t *p, size_t n)
{
	const struct blockref *b = refs->block;
	struct rel	*r = b->rel;
	struct value	 old = *model_value(w, r, refs->n > 1 ? b[1].blk :
	    b->blk, little_u16(main + 4)), *v;
	const size_t	 shift = at - old.at;

	if (n == 0 || n > 4) {
		changed(w, r, at, p, n);
		return;
	}
	if (old.at <= at && shift + n <= 4)
		number(w, r, &old, (unsigned)shift, p, n);
	else {
		changed(w, r, at, p, n);
		old.at = (uint16_t)at;
		old.v = 0;
	}
	v = model_value(w, r, b->blk, little_u16(main + 12));
	v->at = old.at;
	v->v = old.v;
	for (; n > 0; n--)
		replace(v, at - old.at + n - 1, p[n - 1]);
}

void
row_update(struct walk *w, const struct refs *refs, const uint8_t *main,
    uint8_t *p, size_t n)
{
	struct rel	*r = refs->block[0].rel;
	const uint8_t	 flags = main[7];
	const size_t	 heads = (flags & PREFIX ? 2U : 0U) +
	    (flags & SUFFIX ? 2U : 0U) + HEAP_HEADER;
	size_t		 prefix = 0, nbits;

	if (n < heads) {
		walk_bytes(w, WALK_RAW, p, n);
		return;
	}
	n -= heads;
	if (flags & PREFIX) {
		prefix = (size_t)field_last(w, &r->rowhead[3], p, 2);
		p += 2;
	}
	if (flags & SUFFIX) {
		(void)field_last(w, &r->rowhead[4], p, 2);
		p += 2;
	}
	header(w, r, p);
	nbits = p[4] > ROW_HEADER ? p[4] - ROW_HEADER : 0;
	p += HEAP_HEADER;
	if ((flags & (PREFIX | SUFFIX)) == 0 || nbits > n) {
		row_body(w, r, r->word, p[-1], p, n);
		return;
	}
	null_bits(w, r, p, nbits);
	difference(w, refs, main, prefix, p + nbits, n - nbits);
}

void
row_multi(struct walk *w, struct rel *r, uint8_t *p, size_t n)
{
	size_t	 o = 0, len;

	while (n - o >= MULTI_HEADER + 1) {
		len = (size_t)field_last(w, &r->rowhead[5], p + o, 2);
		header(w, r, p + o + 2);
		o += MULTI_HEADER;
		if (len > n - o)
			len = n - o;
		row_body(w, r, r->word, p[o - 1], p + o, len);
		o += len;
		if ((o & 1) && o < n)
			walk_bytes(w, WALK_GAPS, p + o++, 1);
	}
	walk_bytes(w, WALK_GAPS, p + o, n - o);
}
