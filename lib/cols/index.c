/* SPDX-License-Identifier: ISC */
/* Index tuples: where the row is, and its key. */
#include "cols/field.h"
#include "cols/index.h"

#define HEADER		8		/* sizeof(IndexTupleData) */
#define SIZE		0x1fff		/* INDEX_SIZE_MASK */
#define ALT_TID		0x2000		/* INDEX_ALT_TID_MASK */
#define POSTING		0x2000		/* BT_IS_POSTING, in the offset */
#define COUNT		0x0fff		/* BT_OFFSET_MASK */
#define TID		6

/* A block number of two halves, the higher one first, and an offset. */
static uint32_t
tid(struct walk *w, struct field *blk, struct field *off, uint8_t *p)
{
	const uint64_t	 at = w->x->blk, row = w->x->off;
	uint8_t		 b[4];
	uint32_t	 v;

	if (!w->dec)
		little_put(b, 4, (uint32_t)little_u16(p) << 16 |
		    little_u16(p + 2));
	v = (uint32_t)field_pick(w, blk, b, 4, &at, 1);
	little_put(p, 2, v >> 16);
	little_put(p + 2, 2, v & 0xffff);
	(void)field_pick(w, off, p + 4, 2, &row, 1);
	return (v);
}

/* A list of rows with the same key, in their order, at the tuple's end. */
static size_t
posting(struct walk *w, struct idxfields *f, uint32_t at, uint8_t *p,
    size_t n)
{
	const size_t	 count = little_u16(p + 4) & COUNT;
	size_t		 o;

	if ((little_u16(p + 6) & ALT_TID) == 0 ||
	    (little_u16(p + 4) & POSTING) == 0 || at < HEADER || at > n ||
	    (n - at) / TID < count)
		return (n);
	for (o = at; o < at + count * TID; o += TID)
		(void)tid(w, &f->tid, &f->tidoff, p + o);
	walk_bytes(w, WALK_GAPS, p + o, n - o);
	return (at);
}

/* All but the size and its flags, which were transferred. */
static void
rest(struct walk *w, struct idxfields *f, uint8_t *p, size_t n)
{
	const uint32_t	 at = tid(w, &f->blk, &f->off, p);

	n = posting(w, f, at, p, n);
	field_words(w, f->word, 0, p + HEADER, n - HEADER);
}

void
index_tuple(struct walk *w, struct idxfields *f, uint8_t *p, size_t n)
{
	(void)field_last(w, &f->info, p + 6, 2);
	rest(w, f, p, n);
}

void
index_tuples(struct walk *w, struct idxfields *f, uint8_t *p, size_t n)
{
	size_t	 o = 0, len;

	while (n - o >= HEADER) {
		len = field_last(w, &f->info, p + o + 6, 2) & SIZE;
		if (len < HEADER || len > n - o) {
			walk_bytes(w, WALK_RAW, p + o, 6);
			o += HEADER;
			break;
		}
		rest(w, f, p + o, len);
		o += len;
		len = (8 - (o & 7)) & 7;
		len = len < n - o ? len : n - o;
		walk_bytes(w, WALK_GAPS, p + o, len);
		o += len;
	}
	walk_bytes(w, WALK_RAW, p + o, n - o);
}
