/* SPDX-License-Identifier: ISC */
/* Where archived WAL is contiguous along a line of timelines. */
#include <stdlib.h>

#include "plan/coverage.h"

/*
 * What coverage_follow() carries from one timeline to the next.  A missing
 * segment is a gap only if some later one is there, on whatever timeline.  So
 * missing runs wait in "miss" until that is seen, and are dropped at the end.
 */
struct walk {
	const struct coverage_set *set;
	struct coverage	 out;
	size_t		 room;		/* of out.gap */
	struct coverage_run *miss;	/* missing; gaps if more follows */
	size_t		 nmiss, missroom;
	uint64_t	 next;		/* the first segment not looked at */
	const struct history *line;
	/*
	 * Of each timeline of the line that follows another: the lowest
	 * segment in which it or a later one begins.  So they ascend.
	 */
	uint64_t	*begins;
};

static int
append(struct coverage_run **v, size_t *n, size_t *room,
    struct coverage_run run, struct err *e)
{
	struct coverage_run	*p;
	size_t			 want = *room == 0 ? 16 : 2 * *room;

	if (*n == *room) {
		if ((p = reallocarray(*v, want, sizeof(*p))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list of WAL segments"));
		*v = p;
		*room = want;
	}
	(*v)[(*n)++] = run;
	return (0);
}

int
coverage_add(struct coverage_set *set, uint32_t tli, uint64_t segno,
    struct err *e)
{
	const struct coverage_run	 one = { tli, segno, segno };
	struct coverage_run		*r;

	/* Listings are mostly in order: then the last run just grows. */
	r = set->n > 0 ? &set->v[set->n - 1] : NULL;
	if (r != NULL && r->tli == tli && r->last + 1 == segno) {
		r->last = segno;
		return (0);
	}
	return (coverage_add_run(set, &one, e));
}

int
coverage_add_run(struct coverage_set *set, const struct coverage_run *r,
    struct err *e)
{
	return (append(&set->v, &set->n, &set->room, *r, e));
}

static int
compare(const void *va, const void *vb)
{
	const struct coverage_run	*a = va, *b = vb;

	if (a->tli != b->tli)
		return (a->tli < b->tli ? -1 : 1);
	return (a->first < b->first ? -1 : a->first > b->first);
}

void
coverage_settle(struct coverage_set *set)
{
	struct coverage_run	*to;
	size_t			 i;

	if (set->n == 0)
		return;
	qsort(set->v, set->n, sizeof(set->v[0]), compare);
	to = &set->v[0];
	for (i = 1; i < set->n; i++)
		if (set->v[i].tli == to->tli &&
		    set->v[i].first <= to->last + 1) {
			if (set->v[i].last > to->last)
				to->last = set->v[i].last;
		} else
			*++to = set->v[i];
	set->n = (size_t)(to - set->v) + 1;
}

void
coverage_set_free(struct coverage_set *set)
{
	free(set->v);
	*set = (struct coverage_set){ 0 };
}

/* The index of the first run that ends at or after the segment. */
static size_t
find(const struct coverage_set *set, uint32_t tli, uint64_t segno)
{
	size_t	 lo = 0, hi = set->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (set->v[mid].tli < tli || (set->v[mid].tli == tli &&
		    set->v[mid].last < segno))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

int
coverage_has(const struct coverage_set *set, uint32_t tli, uint64_t segno)
{
	size_t	 i = find(set, tli, segno);

	return (i < set->n && set->v[i].tli == tli &&
	    set->v[i].first <= segno);
}

int
coverage_has_all(const struct coverage_set *set, uint32_t tli, uint64_t first,
    uint64_t last, uint64_t *missing)
{
	size_t	 i = find(set, tli, first);

	*missing = first;
	if (i == set->n || set->v[i].tli != tli || set->v[i].first > first)
		return (0);
	/* No two runs touch, so behind this one a segment is missing. */
	*missing = set->v[i].last + 1;
	return (set->v[i].last >= last);
}

/* Segments up to "last" are there, so what was missed before is a gap. */
static int
present(struct walk *w, uint32_t tli, uint64_t last, struct err *e)
{
	size_t	 i;

	for (i = 0; i < w->nmiss; i++)
		if (append(&w->out.gap, &w->out.ngap, &w->room, w->miss[i],
		    e) == -1)
			return (-1);
	w->nmiss = 0;
	/* Only what lies before the first gap counts as reached. */
	if (w->out.ngap == 0) {
		w->out.any = 1;
		w->out.tli = tli;
		w->out.last = last;
	}
	return (0);
}

/*
 * Look at the files of "tli" from w->next to "last", run by run: the time
 * does not grow with the number of segments.
 */
static int
visit(struct walk *w, uint32_t tli, uint64_t last, struct err *e)
{
	const struct coverage_run	*r;
	uint64_t			 upto;
	size_t				 i;

	for (i = find(w->set, tli, w->next); w->next <= last &&
	    w->out.ngap < COVERAGE_GAPS_MAX; i++) {
		r = i < w->set->n ? &w->set->v[i] : NULL;
		if (r == NULL || r->tli != tli || r->first > last)
			break;
		if (r->first > w->next && append(&w->miss, &w->nmiss,
		    &w->missroom, (struct coverage_run){ tli, w->next,
		    r->first - 1 }, e) == -1)
			return (-1);
		upto = r->last < last ? r->last : last;
		if (present(w, tli, upto, e) == -1)
			return (-1);
		w->next = upto + 1;
	}
	if (w->next > last)
		return (0);
	upto = w->next;
	w->next = last + 1;
	return (append(&w->miss, &w->nmiss, &w->missroom,
	    (struct coverage_run){ tli, upto, last }, e));
}

/*
 * Set out.end, behind the last file before the first gap.  If the file that
 * is missing next is the one with a switch point in it, an ancestor's complete
 * file of the same number still serves, up to the point where the line left
 * that ancestor.  "left" is that point: the lowest of all switches from there
 * on, since they may go back.
 */
static void
reach(struct walk *w, const struct history *h, uint32_t segsize,
    uint64_t segno)
{
	uint64_t	 begins, left = UINT64_MAX;
	size_t		 i;

	if (w->out.any)
		segno = w->out.last + 1;
	w->out.end = segno * segsize;
	for (i = h->n; i-- > 0;) {
		begins = i == 0 ? 0 : h->v[i - 1].end / segsize;
		if (h->v[i].end < left)
			left = h->v[i].end;
		if (begins > segno || left / segsize != segno ||
		    left == w->out.end ||
		    !coverage_has(w->set, h->v[i].tli, segno))
			continue;
		w->out.any = 1;
		w->out.tli = h->v[i].tli;
		w->out.last = segno;
		w->out.end = left;
		return;
	}
}

/* Set w->begins. */
static int
list_begins(struct walk *w, uint32_t segsize, struct err *e)
{
	uint64_t	 least = UINT64_MAX;
	size_t		 i;

	w->begins = calloc(w->line->n + 1, sizeof(*w->begins));
	if (w->begins == NULL)
		return (err_sys(e, ERR_LOCAL, "list of WAL segments"));
	for (i = w->line->n; i-- > 0;) {
		if (w->line->v[i].end / segsize < least)
			least = w->line->v[i].end / segsize;
		w->begins[i] = least;
	}
	return (0);
}

/*
 * The timeline whose file holds all of the segment: the newest that begins in
 * it or before.  The same holds up to *last, the segment before the one in
 * which a newer one begins.
 */
static uint32_t
owner(const struct walk *w, uint32_t segsize, uint64_t *last)
{
	const struct history	*h = w->line;
	size_t			 lo = 0, hi = h->n, mid;

	/* The first that begins behind the segment, with all after it. */
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->begins[mid] <= w->next)
			lo = mid + 1;
		else
			hi = mid;
	}
	*last = lo == h->n ? UINT64_MAX / segsize : w->begins[lo] - 1;
	return (lo == h->n ? h->tli : h->v[lo].tli);
}

/*
 * What the backup reaches is known at the first gap.  The others are for
 * people, and somebody may have made a million of them.
 */
static int
follow(struct walk *w, uint32_t segsize, struct err *e)
{
	uint64_t	 last;
	uint32_t	 tli;

	if (list_begins(w, segsize, e))
		return (-1);
	while (w->next <= UINT64_MAX / segsize &&
	    w->out.ngap < COVERAGE_GAPS_MAX) {
		tli = owner(w, segsize, &last);
		if (visit(w, tli, last, e) == -1)
			return (-1);
	}
	return (0);
}

int
coverage_follow(const struct coverage_set *set, const struct history *target,
    uint32_t segsize, uint32_t tli, uint64_t segno, struct coverage *out,
    struct err *e)
{
	struct walk	 w = { .set = set, .next = segno, .line = target };
	uint64_t	 begin, end;
	int		 rc;

	/* Beyond that, LSNs would overflow below. */
	if (segno > UINT64_MAX / segsize ||
	    !history_span(target, tli, &begin, &end) ||
	    segno * segsize >= end)
		return (1);
	rc = follow(&w, segsize, e);
	free(w.begins);
	free(w.miss);
	if (rc == -1) {
		coverage_free(&w.out);
		return (-1);
	}
	reach(&w, target, segsize, segno);
	*out = w.out;
	return (0);
}

void
coverage_free(struct coverage *c)
{
	free(c->gap);
	*c = (struct coverage){ 0 };
}
