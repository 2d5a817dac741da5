/* SPDX-License-Identifier: ISC */
/*
 * Facts of a segment: noted, as bytes, and read again.  They come from an
 * authentic writer, which does not make them right: each length is held to a
 * limit, and bytes that no writer makes are no facts.
 */
#include <string.h>

#include "base/bytes.h"
#include "pg/native.h"
#include "pg/walfacts.h"

#define FIXED		(WALFACTS_LEN - WALFACTS_ITEMS)
#define FLAGS		(WALFACTS_WHOLE | WALFACTS_POINTS | \
			WALFACTS_SPACES | WALFACTS_UNNAMED)
#define ITEM_POINT	1
#define ITEM_SPACE	2
#define NAME_MAX	63		/* of a restore point */
#define CONTRECORD	0x0001		/* XLP_FIRST_IS_CONTRECORD */
#define PAGE_INFO	2		/* offsets in a page's header */
#define PAGE_LEFT	16
#define REC_XID		4		/* offsets in a record's header */
#define REC_INFO	16
#define REC_RMID	17

static void
clear(struct walfacts *f)
{
	memset(f, 0, sizeof(*f));
	f->first_us = f->last_us = f->ended_us = WALXACT_NONE;
	f->first_at = f->last_at = f->ended_at = WALFACTS_NOWHERE;
	f->record_at = f->checkpoint_at = WALFACTS_NOWHERE;
}

/* A flag says it if the item does not fit, and of those behind it as well. */
static void
note_item(struct walfacts *f, const struct walevent *ev)
{
	const int		 point = ev->kind == WALEVENT_POINT;
	const uint8_t		 more = point ? WALFACTS_POINTS :
	    WALFACTS_SPACES;
	struct bytes_out	 o = bytes_out_of(f->items + f->nitems,
	    sizeof(f->items) - f->nitems);

	bytes_put_u8(&o, point ? ITEM_POINT : ITEM_SPACE);
	bytes_put_u32be(&o, (uint32_t)ev->at);
	if (point)
		bytes_put_u64be(&o, (uint64_t)ev->time_us);
	else
		bytes_put_u32be(&o, ev->oid);
	bytes_put_u8(&o, (uint8_t)ev->ntext);
	bytes_put(&o, ev->text, ev->ntext);
	if ((f->flags & more) != 0 || !bytes_out_ok(&o) ||
	    ev->ntext > WALFACTS_TEXT)
		f->flags |= more;
	else
		f->nitems += o.n;
	memset(f->items + f->nitems, 0, sizeof(f->items) - f->nitems);
}

static void
note_end(struct walfacts *f, const struct walevent *ev)
{
	if (ev->time_us > f->ended_us)
		f->ended_us = ev->time_us;
	f->ended_at = (uint32_t)ev->at;
	if (ev->commit) {
		if (f->commits++ == 0) {
			f->first_us = ev->time_us;
			f->first_at = (uint32_t)ev->at;
		}
		f->last_us = ev->time_us;
		f->last_at = (uint32_t)ev->at;
	}
	if (ev->unnamed)
		f->flags |= WALFACTS_UNNAMED;
	if (ev->xid == 0)
		return;
	if (f->low_xid == 0 || walxact_xid_newer(f->low_xid, ev->xid))
		f->low_xid = ev->xid;
	if (f->top_xid == 0 || walxact_xid_newer(ev->xid, f->top_xid))
		f->top_xid = ev->xid;
}

static void
note_settings(struct walfacts *f, const struct walevent *ev)
{
	size_t	 i;

	if (f->changes < UINT8_MAX)
		f->changes++;
	for (i = 0; i < HOTSETTINGS; i++)
		if (ev->value[i] > f->value[i])
			f->value[i] = ev->value[i];
}

static void
note(void *arg, const struct walevent *ev)
{
	struct walfacts	*f = arg;

	switch (ev->kind) {
	case WALEVENT_END:
		note_end(f, ev);
		break;
	case WALEVENT_POINT:
	case WALEVENT_TABLESPACE:
		note_item(f, ev);
		break;
	case WALEVENT_CHECKPOINT:
		if (f->checkpoints < UINT16_MAX)
			f->checkpoints++;
		f->checkpoint_at = (uint32_t)ev->at;
		f->redo = ev->redo;
		break;
	case WALEVENT_SETTINGS:
		note_settings(f, ev);
		break;
	case WALEVENT_RUNNING:		/* kept by walxact.c */
	case WALEVENT_NONE:
		break;
	}
}

void
walfacts_begin(struct walfacts_notes *n)
{
	memset(n, 0, sizeof(*n));
	clear(&n->f);
	walxact_begin(&n->x);
}

void
walfacts_add(struct walfacts_notes *n, const void *data, size_t len)
{
	const size_t	 room = sizeof(n->first) - n->nfirst;
	const size_t	 k = len < room ? len : room;

	memcpy(n->first + n->nfirst, data, k);
	n->nfirst += k;
	/* Here, since the notes may have been moved meanwhile. */
	walxact_each(&n->x, note, &n->f);
	walxact_add(&n->x, data, len);
}

/* What the first page says of a record that began before. */
static void
note_head(struct walfacts *f, const uint8_t *first)
{
	if ((native_u16(first + PAGE_INFO) & CONTRECORD) == 0)
		return;
	f->left = native_u32(first + PAGE_LEFT);
	memcpy(f->head, first + WALSEG_HEADER, f->left < WALFACTS_HEAD ?
	    f->left : WALFACTS_HEAD);
}

const struct walfacts *
walfacts_end(struct walfacts_notes *n)
{
	struct walfacts	*f = &n->f;
	const uint64_t	 at = walxact_record_at(&n->x);
	const uint8_t	*rec;

	if (n->nfirst < sizeof(n->first) ||
	    walseg_major(walseg_parse(n->first).magic) == 0)
		return (NULL);
	f->tli = walxact_timeline(&n->x);
	walxact_xids(&n->x, &f->next_xid, &f->high_xid);
	f->oldest_xid = walxact_oldest(&n->x);
	f->record_at = at == WALXACT_NOWHERE ? WALFACTS_NOWHERE : (uint32_t)at;
	if (walxact_whole(&n->x))
		f->flags |= WALFACTS_WHOLE;
	note_head(f, n->first);
	/* Records begin at multiples of 8, and so do pages. */
	f->ntail = (uint8_t)(walxact_cut(&n->x, &rec, &f->seen) & ~(size_t)7);
	memcpy(f->tail, rec, f->ntail);
	if (f->ntail == 0)
		f->seen = 0;
	return (f);
}

int64_t
walfacts_ended(const struct walfacts_notes *n)
{
	return (walxact_last(&n->x));
}

static void
put_commit(struct bytes_out *o, int64_t us, uint32_t at)
{
	bytes_put_u64be(o, (uint64_t)us);
	bytes_put_u32be(o, at);
}

void
walfacts_encode(uint8_t to[WALFACTS_LEN], const struct walfacts *f)
{
	struct bytes_out	 o = bytes_out_of(to, WALFACTS_LEN);
	size_t			 i;

	bytes_put_u8(&o, WALFACTS_FORM);
	bytes_put_u8(&o, f->flags);
	bytes_put_u32be(&o, f->tli);
	bytes_put_u32be(&o, f->commits);
	put_commit(&o, f->first_us, f->first_at);
	put_commit(&o, f->last_us, f->last_at);
	put_commit(&o, f->ended_us, f->ended_at);
	bytes_put_u32be(&o, f->low_xid);
	bytes_put_u32be(&o, f->top_xid);
	bytes_put_u32be(&o, f->next_xid);
	bytes_put_u32be(&o, f->oldest_xid);
	bytes_put_u32be(&o, f->high_xid);
	bytes_put_u32be(&o, f->record_at);
	bytes_put_u32be(&o, f->left);
	bytes_put(&o, f->head, sizeof(f->head));
	bytes_put_u8(&o, f->ntail);
	bytes_put(&o, f->tail, sizeof(f->tail));
	bytes_put_u32be(&o, f->seen);
	bytes_put_u16be(&o, f->checkpoints);
	put_commit(&o, (int64_t)f->redo, f->checkpoint_at);
	bytes_put_u8(&o, f->changes);
	for (i = 0; i < HOTSETTINGS; i++)
		bytes_put_u32be(&o, f->value[i]);
	bytes_put(&o, f->items, sizeof(f->items));
}

/* One item, from bytes that come from outside; -1 if it is none. */
static int
take_item(struct walfacts_item *it, struct bytes *b)
{
	const uint8_t	 kind = bytes_u8(b);
	const uint8_t	*text;

	memset(it, 0, sizeof(*it));
	it->kind = kind == ITEM_POINT ? WALEVENT_POINT : WALEVENT_TABLESPACE;
	it->at = bytes_u32be(b);
	if (kind == ITEM_POINT)
		it->time_us = (int64_t)bytes_u64be(b);
	else
		it->oid = bytes_u32be(b);
	it->ntext = bytes_u8(b);
	text = bytes_take(b, it->ntext);
	if ((kind != ITEM_POINT && kind != ITEM_SPACE) || text == NULL ||
	    it->ntext == 0 || (kind == ITEM_POINT && it->ntext > NAME_MAX) ||
	    memchr(text, '\0', it->ntext) != NULL)
		return (-1);
	memcpy(it->text, text, it->ntext);
	return (0);
}

static int
is_within(uint32_t at, uint32_t segsize)
{
	return (at < segsize || at == WALFACTS_NOWHERE);
}

/* Find the length of the items, behind which all is zeros. */
static int
check_items(struct walfacts *f, uint32_t segsize)
{
	struct walfacts_item	 it;
	uint32_t		 before = 0;
	size_t			 i;

	while (f->nitems < sizeof(f->items) && f->items[f->nitems] != 0) {
		struct bytes	 b = bytes_of(f->items + f->nitems,
		    sizeof(f->items) - f->nitems);

		if (take_item(&it, &b) || it.at < before || it.at >= segsize)
			return (-1);
		before = it.at;
		f->nitems = sizeof(f->items) - b.left;
	}
	for (i = f->nitems; i < sizeof(f->items); i++)
		if (f->items[i] != 0)
			return (-1);
	return (0);
}

static void
take_commit(struct bytes *b, int64_t *us, uint32_t *at)
{
	*us = (int64_t)bytes_u64be(b);
	*at = bytes_u32be(b);
}

/* All but form and items. */
static void
take_fixed(struct walfacts *f, struct bytes *b)
{
	int64_t	 redo;
	size_t	 i;

	f->flags = bytes_u8(b);
	f->tli = bytes_u32be(b);
	f->commits = bytes_u32be(b);
	take_commit(b, &f->first_us, &f->first_at);
	take_commit(b, &f->last_us, &f->last_at);
	take_commit(b, &f->ended_us, &f->ended_at);
	f->low_xid = bytes_u32be(b);
	f->top_xid = bytes_u32be(b);
	f->next_xid = bytes_u32be(b);
	f->oldest_xid = bytes_u32be(b);
	f->high_xid = bytes_u32be(b);
	f->record_at = bytes_u32be(b);
	f->left = bytes_u32be(b);
	bytes_copy(b, f->head, sizeof(f->head));
	f->ntail = bytes_u8(b);
	bytes_copy(b, f->tail, sizeof(f->tail));
	f->seen = bytes_u32be(b);
	f->checkpoints = bytes_u16be(b);
	take_commit(b, &redo, &f->checkpoint_at);
	f->redo = (uint64_t)redo;
	f->changes = bytes_u8(b);
	for (i = 0; i < HOTSETTINGS; i++)
		f->value[i] = bytes_u32be(b);
}

int
walfacts_decode(struct walfacts *f, const uint8_t from[WALFACTS_LEN],
    uint32_t segsize)
{
	struct bytes	 b = bytes_of(from, WALFACTS_LEN);

	clear(f);
	if (bytes_u8(&b) != WALFACTS_FORM)
		return (-1);
	take_fixed(f, &b);
	bytes_copy(&b, f->items, sizeof(f->items));
	return (bytes_ok(&b) && (f->flags & ~FLAGS) == 0 &&
	    f->ntail <= WALFACTS_TAIL && f->ntail % 8 == 0 &&
	    f->seen >= f->ntail && f->seen <= segsize &&
	    is_within(f->first_at, segsize) &&
	    is_within(f->last_at, segsize) &&
	    is_within(f->ended_at, segsize) &&
	    is_within(f->record_at, segsize) &&
	    is_within(f->checkpoint_at, segsize) ?
	    check_items(f, segsize) : -1);
}

int
walfacts_item(struct walfacts_item *it, const struct walfacts *f, size_t *at)
{
	struct bytes	 b = bytes_of(f->items + *at, f->nitems - *at);

	if (*at >= f->nitems || take_item(it, &b))
		return (0);
	*at = f->nitems - b.left;
	return (1);
}

int
walfacts_may_end(const struct walfacts *f, uint32_t xid)
{
	if (f->flags & WALFACTS_UNNAMED)
		return (1);
	return (f->low_xid != 0 && !walxact_xid_newer(f->low_xid, xid) &&
	    !walxact_xid_newer(xid, f->top_xid));
}

int
walfacts_across(const struct walfacts *f, const struct walfacts *next,
    uint8_t *rmid, uint8_t *info)
{
	uint8_t	 rec[WALFACTS_TAIL + WALFACTS_HEAD];

	if (f->ntail == 0 || native_u32(f->tail) - f->seen != next->left)
		return (0);
	memcpy(rec, f->tail, f->ntail);
	memcpy(rec + f->ntail, next->head, sizeof(next->head));
	*rmid = rec[REC_RMID];
	*info = rec[REC_INFO];
	return (1);
}

int
walfacts_across_ends(const struct walfacts *f, uint8_t rmid, uint8_t info,
    uint32_t xid)
{
	return (walevent_is_prepared(rmid, info) ||
	    (walevent_is_end(rmid, info) &&
	    native_u32(f->tail + REC_XID) == xid));
}
