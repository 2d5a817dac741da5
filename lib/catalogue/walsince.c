/* SPDX-License-Identifier: ISC */
/*
 * How much WAL was stored since each backup began.
 *
 * Of a segment only its timeline is kept, and its rank: how many backups began
 * in it or before it.  Segments of equal timeline and rank are one item.  Then
 * backups are taken from the highest timeline down, and before each the items
 * of its timeline and higher ones are added to a tree of sums over the ranks
 * (Fenwick's).  What counts for the backup are ranks from its own on.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/walsince.h"

struct item {
	uint32_t	 tli;
	size_t		 rank;		/* 1 or more */
	uint64_t	 segments, bytes;
};

struct sum {
	uint64_t	 segments, bytes;
};

struct walsince {
	size_t		 n;		/* backups */
	uint64_t	*start;		/* owned: their segments, ascending */
	struct walsince_backup **order;	/* owned: by timeline, descending;
					 * they are borrowed */
	struct item	*item;		/* owned */
	size_t		 nitem, room;
	struct sum	*tree;		/* owned: of ranks 1 to n */
};

static int
compare_u64(const void *va, const void *vb)
{
	const uint64_t	*a = va, *b = vb;

	return (*a < *b ? -1 : *a > *b);
}

static int
compare_backups(const void *va, const void *vb)
{
	const struct walsince_backup	*a = *(struct walsince_backup *const *)
					    va;
	const struct walsince_backup	*b = *(struct walsince_backup *const *)
					    vb;

	return (a->tli > b->tli ? -1 : a->tli < b->tli);
}

static int
compare_items(const void *va, const void *vb)
{
	const struct item	*a = va, *b = vb;

	return (a->tli > b->tli ? -1 : a->tli < b->tli);
}

int
walsince_new(struct walsince **out, struct walsince_backup *v, size_t n,
    struct err *e)
{
	struct walsince	*w;
	size_t		 i;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	w->n = n;
	if ((w->start = calloc(n + 1, sizeof(*w->start))) == NULL ||
	    (w->order = calloc(n + 1, sizeof(*w->order))) == NULL ||
	    (w->tree = calloc(n + 1, sizeof(*w->tree))) == NULL) {
		walsince_free(w);
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	}
	for (i = 0; i < n; i++) {
		w->start[i] = v[i].segno;
		w->order[i] = &v[i];
	}
	if (n > 0) {
		qsort(w->start, n, sizeof(*w->start), compare_u64);
		qsort(w->order, n, sizeof(*w->order), compare_backups);
	}
	*out = w;
	return (0);
}

/* How many backups began in the segment or before it. */
static size_t
rank_of(const struct walsince *w, uint64_t segno)
{
	size_t	 lo = 0, hi = w->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->start[mid] <= segno)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

int
walsince_add(struct walsince *w, uint32_t tli, uint64_t segno, uint64_t bytes,
    struct err *e)
{
	const size_t	 rank = rank_of(w, segno);
	const size_t	 room = w->room == 0 ? 64 : 2 * w->room;
	struct item	*last = w->nitem == 0 ? NULL : &w->item[w->nitem - 1];
	void		*p;

	if (rank == 0)
		return (0);
	if (last != NULL && last->tli == tli && last->rank == rank) {
		last->segments++;
		last->bytes += bytes;
		return (0);
	}
	if (w->nitem == w->room) {
		p = reallocarray(w->item, room, sizeof(*w->item));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		w->item = p;
		w->room = room;
	}
	w->item[w->nitem++] = (struct item){ tli, rank, 1, bytes };
	return (0);
}

/* Add to all sums that ranks up to this one are asked for. */
static void
tree_add(struct walsince *w, const struct item *it)
{
	size_t	 i;

	for (i = it->rank; i > 0; i &= i - 1) {
		w->tree[i].segments += it->segments;
		w->tree[i].bytes += it->bytes;
	}
}

/* The sum of all items of this rank and higher ones. */
static struct sum
tree_sum(const struct walsince *w, size_t rank)
{
	struct sum	 s = { 0, 0 };
	size_t		 i;

	for (i = rank; i <= w->n; i += i & (~i + 1)) {
		s.segments += w->tree[i].segments;
		s.bytes += w->tree[i].bytes;
	}
	return (s);
}

void
walsince_sum(struct walsince *w)
{
	struct walsince_backup	*b;
	struct sum		 s;
	size_t			 i, k = 0;

	memset(w->tree, 0, (w->n + 1) * sizeof(*w->tree));
	if (w->nitem > 0)
		qsort(w->item, w->nitem, sizeof(*w->item), compare_items);
	for (i = 0; i < w->n; i++) {
		b = w->order[i];
		for (; k < w->nitem && w->item[k].tli >= b->tli; k++)
			tree_add(w, &w->item[k]);
		s = tree_sum(w, rank_of(w, b->segno));
		b->segments = s.segments;
		b->bytes = s.bytes;
	}
}

void
walsince_free(struct walsince *w)
{
	if (w == NULL)
		return;
	free(w->start);
	free(w->order);
	free(w->item);
	free(w->tree);
	free(w);
}
