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

void
row_body(struct walk *w, struct field *words, uint8_t hoff, uint8_t *p,
    size_t n)
{
	size_t	 nbits = hoff > ROW_HEADER ? hoff - ROW_HEADER : 0;

	if (nbits > n)
		nbits = n;
	walk_bytes(w, WALK_BITS, p, nbits);
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
	row_body(w, r->word, p[4], p + HEAP_HEADER, n - HEAP_HEADER);
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

void
row_update(struct walk *w, struct rel *r, uint8_t flags, uint8_t *p, size_t n)
{
	const size_t	 heads = (flags & PREFIX ? 2 : 0) +
	    (flags & SUFFIX ? 2 : 0) + HEAP_HEADER;
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
		row_body(w, r->word, p[-1], p, n);
		return;
	}
	walk_bytes(w, WALK_BITS, p, nbits);
	changed(w, r, prefix, p + nbits, n - nbits);
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
		row_body(w, r->word, p[o - 1], p + o, len);
		o += len;
		if ((o & 1) && o < n)
			walk_bytes(w, WALK_GAPS, p + o++, 1);
	}
	walk_bytes(w, WALK_GAPS, p + o, n - o);
}
