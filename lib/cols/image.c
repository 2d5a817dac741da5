/* SPDX-License-Identifier: ISC */
/*
 * Full-page images.  Each byte of the page is noted as it is transferred, so
 * whatever the line pointers say, each is transferred once; what no item
 * covers comes last, as it is.
 */
#include "cols/field.h"
#include "cols/image.h"
#include "cols/index.h"
#include "cols/row.h"

#define HEADER		24		/* SizeOfPageHeaderData */
#define TUPLE		23		/* SizeofHeapTupleHeader */
#define INDEX		8		/* sizeof(IndexTupleData) */
#define SPECIAL		16		/* of a page of a btree */
#define CYCLE_MAX	0xff7f		/* MAX_BT_CYCLE_ID */
#define NORMAL		1		/* LP_NORMAL */

struct image {
	struct walk	*w;
	struct rel	*r;
	uint32_t	 blk;
	uint8_t		*p;		/* the page */
	unsigned	 lower, special;
	unsigned	 hole, hole_n;
	int		 btree;
};

static int
covered(const struct walk *w, unsigned at, unsigned n)
{
	return (memchr(w->seen + at, 1, n) != NULL);
}

/* LSN, checksum, flags, lower, upper, special, size, prune_xid. */
static void
page_header(struct image *im)
{
	struct walk	*w = im->w;
	struct field	*f = im->r->imghead;
	uint8_t		*p = im->p;
	const uint64_t	 lsn = w->m->prev;

	(void)field_pick(w, &f[0], p, 8, &lsn, 1);
	(void)field_plain(w, &f[1], p + 8, 2);
	(void)field_last(w, &f[2], p + 10, 2);
	im->lower = (unsigned)field_last(w, &f[3], p + 12, 2);
	(void)field_last(w, &f[4], p + 14, 2);
	im->special = (unsigned)field_last(w, &f[5], p + 16, 2);
	(void)field_last(w, &f[6], p + 18, 2);
	(void)field_last(w, &f[7], p + 20, 4);
	memset(w->seen, 1, HEADER);
	if (im->special > WALK_PAGE || im->special < HEADER)
		im->special = WALK_PAGE;
}

/* The special space of a btree or another index that has 16 bytes. */
static void
special(struct image *im)
{
	struct walk	*w = im->w;
	struct field	*f = im->r->imghead + 8;
	const uint64_t	 blk = im->blk;
	uint8_t		*p = im->p + im->special;

	if (im->special != WALK_PAGE - SPECIAL ||
	    covered(w, im->special, SPECIAL))
		return;
	(void)field_pick(w, &f[0], p, 4, &blk, 1);
	(void)field_pick(w, &f[1], p + 4, 4, &blk, 1);
	(void)field_last(w, &f[2], p + 8, 4);
	(void)field_last(w, &f[3], p + 12, 4);
	memset(w->seen + im->special, 1, SPECIAL);
	im->btree = little_u16(p + 14) <= CYCLE_MAX;
}

static void
heap_item(struct image *im, unsigned i, uint8_t *p, unsigned n)
{
	struct walk	*w = im->w;
	struct field	*f = im->r->tup;
	uint8_t		 b[4];
	uint32_t	 v;

	(void)field_last(w, &f[0], p, 4);
	(void)field_last(w, &f[1], p + 4, 4);
	(void)field_last(w, &f[2], p + 8, 4);
	if (!w->dec)
		little_put(b, 4, (uint32_t)little_u16(p + 12) << 16 |
		    little_u16(p + 14));
	v = (uint32_t)field_near(w, &f[3], b, 4, im->blk);
	little_put(p + 12, 2, v >> 16);
	little_put(p + 14, 2, v & 0xffff);
	(void)field_near(w, &f[4], p + 16, 2, i + 1);
	(void)field_last(w, &f[5], p + 18, 2);
	(void)field_last(w, &f[6], p + 20, 2);
	(void)field_last(w, &f[7], p + 22, 1);
	row_body(w, im->r, im->r->imgword, p[22], p + TUPLE, n - TUPLE);
}

/* One line pointer: offset 15 bits, flags 2, length 15.  Returns its offset. */
static unsigned
item(struct image *im, unsigned i, unsigned before)
{
	struct walk	*w = im->w;
	struct field	*f = im->r->lp;
	uint8_t		*p = im->p + HEADER + 4 * i, b[2];
	uint32_t	 lp = w->dec ? 0 : little_u32(p);
	unsigned	 at, n, flags, least = im->btree ? INDEX : TUPLE + 1;

	b[0] = (uint8_t)(lp >> 15 & 3);
	flags = (unsigned)field_last(w, &f[0], b, 1) & 3;
	little_put(b, 2, lp >> 17);
	n = (unsigned)field_last(w, &f[1], b, 2) & 0x7fff;
	little_put(b, 2, lp & 0x7fff);
	at = (unsigned)field_near(w, &f[2], b, 2,
	    flags == NORMAL ? before - ((n + 7) & ~7U) : 0) & 0x7fff;
	little_put(p, 4, (uint32_t)n << 17 | (uint32_t)flags << 15 | at);
	if (flags != NORMAL)
		return (before);
	if (n < least || n > WALK_PAGE || at > WALK_PAGE - n ||
	    covered(w, at, n))
		return (at);
	memset(w->seen + at, 1, n);
	if (im->btree)
		index_tuple(w, &im->r->img, im->p + at, n);
	else
		heap_item(im, i, im->p + at, n);
	return (at);
}

static void
items(struct image *im)
{
	const unsigned	 n = im->lower <= im->special && im->lower > HEADER ?
	    (im->lower - HEADER) / 4 : 0;
	unsigned	 i, at = im->special;

	if ((im->special != WALK_PAGE && !im->btree) ||
	    (n > 0 && covered(im->w, HEADER, 4 * n)))
		return;
	memset(im->w->seen + HEADER, 1, 4 * n);
	for (i = 0; i < n; i++)
		at = item(im, i, at);
}

/* What nothing covered. */
static void
gaps(struct image *im)
{
	uint8_t		*seen = im->w->seen, *end = seen + WALK_PAGE;
	uint8_t		*a, *b;

	for (a = seen; a < end &&
	    (a = memchr(a, 0, (size_t)(end - a))) != NULL; a = b) {
		b = memchr(a, 1, (size_t)(end - a));
		if (b == NULL)
			b = end;
		walk_bytes(im->w, WALK_GAPS, im->p + (a - seen),
		    (size_t)(b - a));
	}
}

/* Between the image, which has no hole, and the page. */
static void
copy(struct image *im, uint8_t *image)
{
	const unsigned	 behind = im->hole + im->hole_n;
	struct walk	*w = im->w;

	if (w->dec) {
		memcpy(image, im->p, im->hole);
		memcpy(image + im->hole, im->p + behind, WALK_PAGE - behind);
		return;
	}
	memcpy(im->p, image, im->hole);
	memset(im->p + im->hole, 0, im->hole_n);
	memcpy(im->p + behind, image + im->hole, WALK_PAGE - behind);
}

void
image_walk(struct walk *w, struct blockref *b)
{
	struct image	 im = { .w = w, .r = b->rel, .blk = b->blk,
	    .p = w->page, .hole = WALK_PAGE };
	uint8_t		*image = w->rec + b->image;

	if (b->bimg & SHAPE_HOLE) {
		im.hole = b->hole;
		im.hole_n = WALK_PAGE - b->imglen;
	}
	if (b->packed || b->imglen > WALK_PAGE || im.hole < HEADER ||
	    im.hole > b->imglen ||
	    ((b->bimg & SHAPE_HOLE) == 0 && b->imglen != WALK_PAGE)) {
		walk_bytes(w, WALK_RAW, image, b->imglen);
		return;
	}
	if (w->dec)
		memset(w->page, 0, WALK_PAGE);
	else
		copy(&im, image);
	memset(w->seen, 0, WALK_PAGE);
	memset(w->seen + im.hole, 1, im.hole_n);
	page_header(&im);
	special(&im);
	items(&im);
	gaps(&im);
	if (w->dec)
		copy(&im, image);
}
