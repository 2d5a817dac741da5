/* SPDX-License-Identifier: ISC */
/*
 * The gaps that backups meet, each once.  Doubles are thrown out whenever the
 * set has doubled, so it takes neither much more memory than there are gaps,
 * nor the time of comparing each with each.
 */
#include <stdlib.h>

#include "catalogue/gapset.h"

/* By timeline and end; of equal gaps the first that was added. */
static int
compare_ends(const void *va, const void *vb)
{
	const struct gapset_gap	*a = va, *b = vb;

	if (a->run.tli != b->run.tli)
		return (a->run.tli < b->run.tli ? -1 : 1);
	if (a->run.last != b->run.last)
		return (a->run.last < b->run.last ? -1 : 1);
	return (a->seq < b->seq ? -1 : a->seq > b->seq);
}

static int
compare_seq(const void *va, const void *vb)
{
	const struct gapset_gap	*a = va, *b = vb;

	return (a->seq < b->seq ? -1 : a->seq > b->seq);
}

static void
settle(struct gapset *s)
{
	size_t	 i, n = 0;

	if (s->n == 0)
		return;
	qsort(s->v, s->n, sizeof(*s->v), compare_ends);
	for (i = 0; i < s->n; i++)
		if (i == 0 || s->v[i].run.tli != s->v[n - 1].run.tli ||
		    s->v[i].run.last != s->v[n - 1].run.last)
			s->v[n++] = s->v[i];
	s->n = s->settled = n;
}

/* Whether the gap is among those that are sorted. */
static int
is_settled(const struct gapset *s, const struct coverage_run *g)
{
	size_t	 lo = 0, hi = s->settled, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->v[mid].run.tli < g->tli ||
		    (s->v[mid].run.tli == g->tli &&
		    s->v[mid].run.last < g->last))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo < s->settled && s->v[lo].run.tli == g->tli &&
	    s->v[lo].run.last == g->last);
}

int
gapset_add(struct gapset *s, const struct coverage_run *g, size_t n,
    struct err *e)
{
	size_t	 i, room;
	void	*p;

	for (i = 0; i < n; i++) {
		if (is_settled(s, &g[i]))
			continue;
		if (s->n == s->room && s->n / 2 >= s->settled)
			settle(s);
		if (s->n == s->room) {
			room = s->room == 0 ? 64 : 2 * s->room;
			p = reallocarray(s->v, room, sizeof(*s->v));
			if (p == NULL)
				return (err_sys(e, ERR_LOCAL,
				    "list of gaps"));
			s->v = p;
			s->room = room;
		}
		s->v[s->n++] = (struct gapset_gap){ g[i], s->seq++ };
	}
	return (0);
}

int
gapset_list(struct gapset *s, struct coverage_run **out, size_t *n,
    struct err *e)
{
	size_t	 i;

	*out = NULL;
	*n = 0;
	settle(s);
	if (s->n == 0)
		return (0);
	if ((*out = calloc(s->n, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of gaps"));
	qsort(s->v, s->n, sizeof(*s->v), compare_seq);
	for (i = 0; i < s->n; i++)
		(*out)[i] = s->v[i].run;
	*n = s->n;
	s->settled = 0;			/* by number now */
	return (0);
}

void
gapset_fini(struct gapset *s)
{
	free(s->v);
	*s = (struct gapset){ .n = 0 };
}
