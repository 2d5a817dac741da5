/* SPDX-License-Identifier: ISC */
/*
 * The times of segments, in order of their names.  There may be a million of
 * them, and thousands of labels that claim to need them all; so the latest
 * time of each block of segments is kept, too.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/waltimes.h"
#include "plan/grace.h"

#define BLOCK	((size_t)1024)

int
waltimes_add(struct waltimes *t, uint32_t tli, uint64_t segno, int64_t at,
    struct err *e)
{
	const size_t	 room = t->room == 0 ? 64 : 2 * t->room;
	void		*p;

	if (t->n == t->room) {
		if ((p = reallocarray(t->v, room, sizeof(*t->v))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		t->v = p;
		t->room = room;
	}
	t->v[t->n++] = (struct waltimes_one){ segno, tli,
	    at <= 0 || at > UINT32_MAX ? UINT32_MAX : (uint32_t)at };
	return (0);
}

static int
compare(const void *va, const void *vb)
{
	const struct waltimes_one	*a = va, *b = vb;

	if (a->tli != b->tli)
		return (a->tli < b->tli ? -1 : 1);
	return (a->segno < b->segno ? -1 : a->segno > b->segno);
}

int
waltimes_settle(struct waltimes *t, struct err *e)
{
	size_t	 i;

	if (t->n == 0)
		return (0);
	qsort(t->v, t->n, sizeof(*t->v), compare);
	t->block = calloc(t->n / BLOCK + 1, sizeof(*t->block));
	if (t->block == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	for (i = 0; i < t->n; i++)
		if (t->v[i].at > t->block[i / BLOCK])
			t->block[i / BLOCK] = t->v[i].at;
	return (0);
}

/* The index of the first segment that is not before this one. */
static size_t
from(const struct waltimes *t, const struct waltimes_one *key)
{
	size_t	 lo = 0, hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (compare(&t->v[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

int64_t
waltimes_latest(const struct waltimes *t, uint32_t tli, uint64_t first,
    uint64_t last)
{
	const struct waltimes_one	 begin = { first, tli, 0 };
	const struct waltimes_one	 end = { last + 1, tli, 0 };
	const size_t			 to = from(t, &end);
	size_t				 i = from(t, &begin);
	uint32_t			 max = 0;

	while (i < to) {
		if (i % BLOCK == 0 && to - i >= BLOCK) {
			if (t->block[i / BLOCK] > max)
				max = t->block[i / BLOCK];
			i += BLOCK;
			continue;
		}
		if (t->v[i].at > max)
			max = t->v[i].at;
		i++;
	}
	if (max == 0)
		return (0);
	return (max == UINT32_MAX ? GRACE_UNKNOWN : grace_time(max));
}

void
waltimes_fini(struct waltimes *t)
{
	free(t->v);
	free(t->block);
	memset(t, 0, sizeof(*t));
}
