/* SPDX-License-Identifier: ISC */
/* The queue of ranges that were announced and not yet requested. */
#include <stdlib.h>
#include <string.h>

#include "store/ranges.h"

static int
make_room(struct ranges *q, struct err *e)
{
	struct range	*list;
	size_t		 room = q->room == 0 ? 16 : q->room * 2;

	/* First reuse the room of what was taken off the front. */
	if (q->first > 0) {
		memmove(q->list, q->list + q->first,
		    (q->n - q->first) * sizeof(*q->list));
		q->n -= q->first;
		q->first = 0;
	}
	if (q->n < q->room)
		return (0);
	if ((list = reallocarray(q->list, room, sizeof(*list))) == NULL)
		return (err_sys(e, ERR_LOCAL, "queue of ranges"));
	q->list = list;
	q->room = room;
	return (0);
}

int
ranges_add(struct ranges *q, uint64_t off, uint64_t n, struct err *e)
{
	struct range	*last;

	last = q->n > q->first ? &q->list[q->n - 1] : NULL;
	if (last != NULL && last->n == UINT64_MAX)
		return (err_set(e, ERR_LOCAL,
		    "a range was asked for behind one without end"));
	/* Offsets become off_t, and must not wrap around when n is added. */
	if (off > INT64_MAX || (n != UINT64_MAX && n > INT64_MAX - off))
		return (err_set(e, ERR_LOCAL, "range beyond 2^63"));
	if (n == 0)
		return (0);
	/* Chunks of a pack often adjoin: one long read, not many short. */
	if (last != NULL && last->off + last->n == off) {
		last->n = n == UINT64_MAX ? n : last->n + n;
		return (0);
	}
	if (q->n == q->room && make_room(q, e))
		return (-1);
	q->list[q->n].off = off;
	q->list[q->n++].n = n;
	return (0);
}

size_t
ranges_take(struct ranges *q, size_t max, uint64_t *off, int *open)
{
	struct range	*r;
	size_t		 n;

	if (q->first == q->n)
		return (0);
	r = &q->list[q->first];
	n = r->n < max ? (size_t)r->n : max;
	*off = r->off;
	*open = r->n == UINT64_MAX;
	r->off += n;
	if (!*open)
		r->n -= n;
	if (r->n == 0 && ++q->first == q->n)
		q->first = q->n = 0;
	return (n);
}

void
ranges_end(struct ranges *q)
{
	if (q->n > q->first && q->list[q->n - 1].n == UINT64_MAX)
		q->n--;
}

void
ranges_free(struct ranges *q)
{
	free(q->list);
}
