/* SPDX-License-Identifier: ISC */
/* Headers of records: transactions, shapes, references to blocks. */
#include "cols/recbody.h"
#include "cols/field.h"
#include "cols/rechead.h"
#include "cols/image.h"
#include "cols/model.h"
#include "cols/recshape.h"

void
rechead_code(struct walk *w, uint8_t *code)
{
	(void)field_plain(w, &w->m->shape[w->m->lastshape].xid, code, 1);
}

uint8_t
rechead_code_of(const struct walk *w, uint32_t xid)
{
	unsigned	 i;

	for (i = 0; i < WALK_XIDS; i++)
		if (w->m->xact[i].xid == xid)
			return ((uint8_t)i);
	return (xid == w->m->maxxid + 1 ? CODE_NEW : CODE_XID);
}

/* Find the transaction, and move it to the front of those that run. */
static void
head_xid(struct walk *w, uint8_t code)
{
	struct xact	 x = { 0 };
	unsigned	 at = code < WALK_XIDS ? code : WALK_XIDS - 1;

	if (code < WALK_XIDS)
		x = w->m->xact[code];
	else if (code == CODE_NEW)
		x.xid = w->m->maxxid + 1;
	else {
		walk_bytes(w, WALK_DEF, w->rec + 4, 4);
		x.xid = little_u32(w->rec + 4);
	}
	if (code >= WALK_XIDS)
		w->m->maxxid = x.xid;
	memmove(w->m->xact + 1, w->m->xact, at * sizeof(x));
	w->m->xact[0] = x;
	w->x = &w->m->xact[0];
	w->xid = x.xid;
	if (w->dec)
		little_put(w->rec + 4, 4, x.xid);
}

static void
define(struct walk *w, const uint8_t *shape, size_t n, unsigned *i)
{
	uint8_t	 key[256], len = (uint8_t)n;

	if (!w->dec)
		memcpy(key, shape, n);
	walk_byte(w, WALK_DEF, &len);
	walk_bytes(w, WALK_DEF, key, len);
	if (len < 2 || len > WALK_SHAPE)
		w->bad = 1;
	else
		*i = model_define(w, key, len);
}

/* The shape, as one of three that followed this transaction's last one. */
static void
head_shape(struct walk *w, const uint8_t *shape, size_t n)
{
	struct shape	*last = &w->m->shape[w->x->shape];
	unsigned	 i = w->dec ? 0 : model_shape(w, shape, n), k;
	uint8_t		 sym, two[2];

	for (k = 0; k < 3 && last->next[k] != i; k++)
		continue;
	sym = (uint8_t)(i == 0 ? 4 : k);
	(void)field_plain(w, &last->succ, &sym, 1);
	if (sym == 4)
		define(w, shape, n, &i);
	else if (sym == 3) {
		little_put(two, 2, i);
		walk_bytes(w, WALK_DEF, two, 2);
		i = little_u16(two) % WALK_SHAPES;
	} else if (sym < 3)
		i = last->next[sym];
	k = sym < 2 ? sym : 2;
	memmove(last->next + 1, last->next, k * sizeof(last->next[0]));
	last->next[0] = (uint16_t)i;
	if (sym > 4 || i == 0)
		w->bad = 1;
	w->s = &w->m->shape[i];
	w->x->shape = w->m->lastshape = (uint16_t)i;
}

/* Room for "n" bytes of headers at w->len. */
static uint8_t *
room(struct walk *w, uint32_t n)
{
	if (WALK_RECORD - w->len < n) {
		w->bad = 1;
		w->len = SHAPE_HEADER;
	}
	w->len += n;
	return (w->rec + w->len - n);
}

/* The number of a block: one of the last eight, or the next one. */
static uint32_t
head_blk(struct walk *w, struct blockfields *f, struct rel *r, uint8_t *p)
{
	uint32_t	 blk = w->dec ? 0 : little_u32(p);
	uint8_t		 k;

	for (k = 0; k < WALK_RECENT && r->recent[k] != blk; k++)
		continue;
	if (k == WALK_RECENT && blk != r->lastblk + 1)
		k++;
	(void)field_plain(w, &f->idx, &k, 1);
	if (k < WALK_RECENT)
		blk = r->recent[k];
	else if (k == WALK_RECENT)
		blk = r->lastblk + 1;
	else
		blk = (uint32_t)field_last(w, &f->blk, p, 4);
	if (w->dec)
		little_put(p, 4, blk);
	memmove(r->recent + 1, r->recent, (k < WALK_RECENT ? k :
	    WALK_RECENT - 1U) * sizeof(r->recent[0]));
	r->recent[0] = r->lastblk = blk;
	return (blk);
}

static void
head_image(struct walk *w, struct blockfields *f, struct blockref *b,
    uint8_t bimg)
{
	uint8_t	*p = room(w, 5);

	b->bimg = bimg;
	b->imglen = (uint16_t)field_last(w, &f->imglen, p, 2);
	b->hole = (uint16_t)field_last(w, &f->hole, p + 2, 2);
	p[4] = bimg;
	b->packed = recshape_compressed(recshape_major(w->m->magic), bimg);
	if ((bimg & SHAPE_HOLE) && b->packed)
		(void)field_last(w, &f->holelen, room(w, 2), 2);
}

/* Which relation: the shape says that of the first block. */
static void
head_rel(struct walk *w, struct blockfields *f, const uint8_t *first,
    uint8_t key[13])
{
	uint8_t	*p = room(w, 12);
	unsigned i;

	if (first != NULL)
		memcpy(p, first, 12);
	for (i = 0; first == NULL && i < 3; i++)
		(void)field_last(w, &f->rel[i], p + 4 * i, 4);
	memcpy(key, p, 12);
}

/*
 * One reference to a block.  Returns the bytes that it takes of the shape,
 * of which "n" are left.
 */
static size_t
head_block(struct walk *w, const uint8_t *s, size_t n, struct refs *refs)
{
	struct blockref	*b = &refs->block[refs->n];
	struct blockfields *f = &w->s->block[refs->n < WALK_BLOCKS ? refs->n :
	    WALK_BLOCKS - 1];
	const int	 image = n > 1 && (s[1] & SHAPE_IMAGE) != 0;
	const int	 rel = n > 1 && (s[1] & SHAPE_SAME) == 0;
	const size_t	 used = 2U + (image ? 1 : 0) +
	    (rel && !refs->rel ? 12 : 0);
	uint8_t		*p;

	if (n < used || refs->n > SHAPE_BLOCKS) {
		w->bad = 1;
		return (n);
	}
	refs->n++;
	memset(b, 0, sizeof(*b));
	p = room(w, 4);
	memcpy(p, s, 2);
	b->flags = s[1];
	b->len = (uint16_t)field_last(w, &f->len, p + 2, 2);
	if (image)
		head_image(w, f, b, s[2]);
	if (rel) {
		head_rel(w, f, refs->rel ? NULL : s + used - 12, refs->key);
		refs->rel = 1;
	}
	refs->key[12] = s[1] & 0x0f;
	b->rel = model_rel(w, refs->key);
	b->blk = head_blk(w, f, b->rel, room(w, 4));
	return (used);
}

/* What is no block.  Returns the bytes that it takes of the shape. */
static size_t
head_other(struct walk *w, uint8_t id, struct refs *refs)
{
	uint8_t	*p = room(w, 1);

	*p = id;
	switch (id) {
	case SHAPE_SHORT:
		refs->main = (uint32_t)field_last(w, &w->s->mainlen,
		    room(w, 1), 1);
		break;
	case SHAPE_LONG:
		refs->main = (uint32_t)field_last(w, &w->s->mainlen,
		    room(w, 4), 4);
		break;
	case SHAPE_ORIGIN:
		(void)field_last(w, &w->s->head[0], room(w, 2), 2);
		break;
	case SHAPE_TOPLEVEL:
		(void)field_last(w, &w->s->head[1], room(w, 4), 4);
		break;
	default:
		w->bad = 1;
	}
	return (1);
}

/* The data behind the headers: where each part begins, and the length. */
static void
head_places(struct walk *w, struct refs *refs)
{
	uint64_t	 at = w->len;
	unsigned	 i;

	for (i = 0; i < refs->n; i++) {
		refs->block[i].image = (uint32_t)at;
		at += refs->block[i].imglen;
		refs->block[i].data = (uint32_t)at;
		at += refs->block[i].len;
	}
	refs->at = (uint32_t)at;
	at += refs->main;
	if (at > WALK_RECORD || (!w->dec && at != little_u32(w->rec)))
		w->bad = 1;
	w->len = (uint32_t)at;
}

void
rechead_record(struct walk *w, uint8_t code, const uint8_t *shape, size_t n)
{
	struct refs	 refs;
	size_t		 o;

	refs.n = 0;
	refs.rel = 0;
	refs.main = 0;
	memset(refs.key, 0, sizeof(refs.key));
	head_xid(w, code);
	head_shape(w, shape, n);
	w->len = SHAPE_HEADER;
	if (w->dec) {
		w->rec[17] = w->s->key[0];
		w->rec[16] = w->s->key[1];
		w->rec[18] = w->rec[19] = 0;
	}
	for (o = 2; o < w->s->n && !w->bad;)
		o += w->s->key[o] <= SHAPE_BLOCKS ?
		    head_block(w, w->s->key + o, w->s->n - o, &refs) :
		    head_other(w, w->s->key[o], &refs);
	if (!w->bad)
		head_places(w, &refs);
	if (!w->bad)
		recbody_walk(w, &refs);
}
