/* SPDX-License-Identifier: ISC */
/* Which packs backups refer to, as sorted runs that do not touch. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plan/packruns.h"

int
packruns_compare(const void *va, const void *vb)
{
	const struct packruns_run	*a = va, *b = vb;
	int				 c = strcmp(a->backup, b->backup);

	if (c != 0)
		return (c);
	return (a->first < b->first ? -1 : a->first > b->first);
}

/* Whether "next", which does not begin before "r", belongs in one run. */
static int
joins(const struct packruns_run *r, const struct packruns_run *next)
{
	/* In 64 bits: the number after UINT32_MAX must not become 0. */
	return (strcmp(r->backup, next->backup) == 0 &&
	    next->first <= (uint64_t)r->last + 1);
}

void
packruns_settle(struct packruns *set)
{
	struct packruns_run	*to = set->v;
	size_t			 i;

	if (set->n == set->settled)
		return;
	qsort(set->v, set->n, sizeof(*set->v), packruns_compare);
	for (i = 1; i < set->n; i++)
		if (joins(to, &set->v[i])) {
			if (set->v[i].last > to->last)
				to->last = set->v[i].last;
		} else
			*++to = set->v[i];
	set->n = set->settled = (size_t)(to - set->v) + 1;
}

/*
 * Backups that follow each other refer to mostly the same packs.  So the set is
 * settled whenever it has doubled, and stays about as large as one label's
 * list, however many backups there are.  To settle it for each of them would
 * take the square of their number where their packs are all different.
 */
int
packruns_add(struct packruns *set, const struct packruns_run *runs, size_t n,
    struct err *e)
{
	struct packruns_run	*v;

	if (n == 0)
		return (0);
	if ((v = reallocarray(set->v, set->n + n, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of packs"));
	memcpy(v + set->n, runs, n * sizeof(*v));
	set->v = v;
	set->n += n;
	if (set->n / 2 >= set->settled)
		packruns_settle(set);
	return (0);
}

int
packruns_has(const struct packruns *set, const char *id, uint32_t pack)
{
	size_t	 lo = 0, hi = set->n, mid;
	int	 c;

	assert(set->n == set->settled);
	/* The first run of this id that does not end before the pack. */
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(set->v[mid].backup, id);
		if (c < 0 || (c == 0 && set->v[mid].last < pack))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo < set->n && strcmp(set->v[lo].backup, id) == 0 &&
	    set->v[lo].first <= pack);
}

void
packruns_fini(struct packruns *set)
{
	free(set->v);
	*set = (struct packruns){ 0 };
}
