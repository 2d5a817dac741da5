/* SPDX-License-Identifier: ISC */
/* Main data and data of blocks, by resource manager. */
#include "cols/recbody.h"
#include "cols/field.h"
#include "cols/image.h"
#include "cols/index.h"
#include "cols/model.h"
#include "cols/row.h"

#define RM_XACT		1
#define RM_HEAP2	9
#define RM_HEAP		10
#define RM_BTREE	11

#define OP(info)	((info) & 0x70)
#define XACT_COMMIT	0x00
#define XACT_ABORT	0x20
#define HEAP_INSERT	0x00
#define HEAP_DELETE	0x10
#define HEAP_UPDATE	0x20
#define HEAP_HOT_UPDATE	0x40
#define HEAP_LOCK	0x60
#define HEAP2_MULTI	0x50
#define BTREE_INSERTS	0x20		/* leaf, upper, meta: up to this */
#define BTREE_SPLIT_L	0x30
#define BTREE_SPLIT_R	0x40

/* Words of four bytes, one of two, one of one; the rest is raw. */
static void
generic(struct walk *w, uint8_t *p, size_t n)
{
	const uint64_t	 xid = w->xid;
	unsigned	 i;

	for (i = 0; i < WALK_MAIN - 2 && n >= 4; i++, p += 4, n -= 4)
		(void)field_pick(w, &w->s->num[i], p, 4, &xid, 1);
	if (n == 2 || n == 3) {
		(void)field_last(w, &w->s->num[WALK_MAIN - 2], p, 2);
		p += 2;
		n -= 2;
	}
	if (n == 1) {
		(void)field_last(w, &w->s->num[WALK_MAIN - 1], p, 1);
		n = 0;
	}
	walk_bytes(w, WALK_RAW, p, n);
}

/* Numbers of two bytes, each much like the one before. */
static void
offsets(struct walk *w, struct rel *r, uint8_t *p, size_t n)
{
	for (; n >= 2; p += 2, n -= 2)
		(void)field_last(w, &r->u16, p, 2);
	walk_bytes(w, WALK_RAW, p, n);
}

/* The offset of a row that is new on its page: behind the last one. */
static void
new_row(struct walk *w, struct blockref *b, struct field *f, uint8_t *p)
{
	struct offset	*o = model_offset(w, b->rel, b->blk);

	o->off = (uint16_t)field_near(w, f, p, 2, o->off + 1U);
	w->x->blk = b->blk;
	w->x->off = o->off;
}

static void
main_insert(struct walk *w, struct blockref *b, uint8_t *p, size_t n)
{
	new_row(w, b, &w->s->num[0], p);
	(void)field_last(w, &w->s->num[1], p + 2, 1);
	walk_bytes(w, WALK_ROWS, p + 3, n - 3);
}

static void
main_update(struct walk *w, struct blockref *b, uint8_t *p, size_t n)
{
	const uint64_t	 xid = w->xid;
	struct field	*f = w->s->num;

	(void)field_pick(w, &f[0], p, 4, &xid, 1);
	(void)field_last(w, &f[1], p + 4, 2);
	(void)field_last(w, &f[2], p + 6, 1);
	(void)field_last(w, &f[3], p + 7, 1);
	(void)field_pick(w, &f[4], p + 8, 4, &xid, 1);
	new_row(w, b, &f[5], p + 12);
	walk_bytes(w, WALK_ROWS, p + 14, n - 14);
}

/* Deletion and lock: xid, offset, two bytes of flags. */
static void
main_delete(struct walk *w, uint8_t *p, size_t n)
{
	const uint64_t	 xid = w->xid;
	struct field	*f = w->s->num;

	(void)field_pick(w, &f[0], p, 4, &xid, 1);
	(void)field_last(w, &f[1], p + 4, 2);
	(void)field_last(w, &f[2], p + 6, 1);
	(void)field_last(w, &f[3], p + 7, 1);
	walk_bytes(w, WALK_ROWS, p + 8, n - 8);
}

static void
main_heap(struct walk *w, struct refs *r, uint8_t op, uint8_t *p, size_t n)
{
	struct blockref	*b = &r->block[0];

	if (op == HEAP_INSERT && n >= 3)
		main_insert(w, b, p, n);
	else if ((op == HEAP_UPDATE || op == HEAP_HOT_UPDATE) && n >= 14)
		main_update(w, b, p, n);
	else if ((op == HEAP_DELETE || op == HEAP_LOCK) && n >= 8)
		main_delete(w, p, n);
	else
		generic(w, p, n);
}

static void
main_data(struct walk *w, struct refs *r, uint8_t rm, uint8_t op)
{
	uint8_t	*p = w->rec + r->at;
	size_t	 n = r->main;

	if (rm == RM_HEAP && r->n > 0)
		main_heap(w, r, op, p, n);
	else if (rm == RM_HEAP2 && op == HEAP2_MULTI && r->n > 0 && n >= 4) {
		(void)field_last(w, &w->s->num[0], p, 2);
		(void)field_last(w, &w->s->num[1], p + 2, 2);
		offsets(w, r->block[0].rel, p + 4, n - 4);
	} else if (rm == RM_XACT && (op == XACT_COMMIT || op == XACT_ABORT) &&
	    n >= 8) {
		w->m->committed = field_near(w, &w->m->main, p, 8,
		    w->m->committed);
		generic(w, p + 8, n - 8);
	} else
		generic(w, p, n);
}

static void
block_data(struct walk *w, struct refs *r, unsigned i, uint8_t rm, uint8_t op)
{
	struct blockref	*b = &r->block[i];
	uint8_t		*p = w->rec + b->data;

	if (rm == RM_HEAP && i == 0 && op == HEAP_INSERT)
		row_insert(w, b->rel, p, b->len);
	else if (rm == RM_HEAP && i == 0 &&
	    (op == HEAP_UPDATE || op == HEAP_HOT_UPDATE) && r->main >= 14)
		row_update(w, r, w->rec + r->at, p, b->len);
	else if (rm == RM_HEAP2 && i == 0 && op == HEAP2_MULTI)
		row_multi(w, b->rel, p, b->len);
	else if (rm == RM_HEAP2)
		offsets(w, b->rel, p, b->len);
	else if (rm == RM_BTREE && ((i == 0 && op <= BTREE_INSERTS) ||
	    (i == 1 && (op == BTREE_SPLIT_L || op == BTREE_SPLIT_R))))
		index_tuples(w, &b->rel->ins, p, b->len);
	else
		walk_bytes(w, WALK_RAW, p, b->len);
}

void
recbody_walk(struct walk *w, struct refs *r)
{
	const uint8_t	 rm = w->rec[17], op = OP(w->rec[16]);
	unsigned	 i;

	main_data(w, r, rm, op);
	for (i = 0; i < r->n; i++) {
		struct blockref	*b = &r->block[i];

		if (b->flags & SHAPE_IMAGE)
			image_walk(w, b);
		if (b->len > 0)
			block_data(w, r, i, rm, op);
	}
}
