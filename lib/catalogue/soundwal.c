/* SPDX-License-Identifier: ISC */
/*
 * Reading the headers of segments.  Backups overlap, and labels may name any
 * WAL, so what is wanted is merged first: each segment is read once.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/soundwal.h"
#include "pg/walname.h"
#include "wal/walheads.h"

struct reading {
	struct soundwal	*w;
	uint32_t	 segsize;
};

void
soundwal_fini(struct soundwal *w)
{
	free(w->want);
	coverage_set_free(&w->sound);
	memset(w, 0, sizeof(*w));
}

int
soundwal_want(struct soundwal *w, uint32_t tli, uint64_t first, uint64_t last,
    struct err *e)
{
	const size_t	 room = w->room == 0 ? 64 : 2 * w->room;
	void		*p;

	if (w->n == w->room) {
		p = reallocarray(w->want, room, sizeof(*w->want));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "headers of WAL"));
		w->want = p;
		w->room = room;
	}
	w->want[w->n++] = (struct coverage_run){ tli, first, last };
	return (0);
}

static int
compare(const void *va, const void *vb)
{
	const struct coverage_run	*a = va, *b = vb;

	if (a->tli != b->tli)
		return (a->tli < b->tli ? -1 : 1);
	return (a->first < b->first ? -1 : a->first > b->first);
}

/* No two runs overlap after this. */
static void
merge(struct soundwal *w)
{
	struct coverage_run	*r;
	size_t			 i, to = 0;

	if (w->n == 0)
		return;
	qsort(w->want, w->n, sizeof(*w->want), compare);
	for (i = 1; i < w->n; i++) {
		r = &w->want[to];
		if (w->want[i].tli != r->tli || w->want[i].first > r->last)
			w->want[++to] = w->want[i];
		else if (w->want[i].last > r->last)
			r->last = w->want[i].last;
	}
	w->n = to + 1;
}

static int
take(void *arg, const struct walname *name, const struct err *why,
    struct err *e)
{
	struct reading	*r = arg;

	if (why->kind != ERR_NONE)
		return (0);
	return (coverage_add(&r->w->sound, name->tli,
	    walname_segno(name, r->segsize), e));
}

static int
read_run(struct walheads *h, const struct coverage_run *r, uint32_t segsize,
    struct err *e)
{
	struct walname	 name;
	uint64_t	 segno;

	for (segno = r->first; segno <= r->last; segno++) {
		name = walname_at(r->tli, segno * segsize, segsize);
		if (walheads_add(h, &name, e))
			return (-1);
	}
	return (0);
}

int
soundwal_read(struct soundwal *w, struct archive *a, uint32_t segsize,
    struct err *e)
{
	struct reading	 r = { .w = w, .segsize = segsize };
	struct walheads	*h = NULL;
	size_t		 i;
	int		 rc = 0;

	if (walheads_new(&h, a, 0, take, &r, e))
		return (-1);
	merge(w);
	for (i = 0; rc == 0 && i < w->n; i++)
		rc = read_run(h, &w->want[i], segsize, e);
	if (rc == 0)
		rc = walheads_end(h, e);
	walheads_free(h);
	coverage_settle(&w->sound);
	return (rc);
}

int
soundwal_all(const struct soundwal *w, uint32_t tli, uint64_t first,
    uint64_t last, uint64_t *bad)
{
	return (coverage_has_all(&w->sound, tli, first, last, bad));
}
