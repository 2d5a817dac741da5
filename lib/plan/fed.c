/* SPDX-License-Identifier: ISC */
/* Which timelines are still fed besides the latest one. */
#include "plan/fed.h"

/* When a line left another one, and where: WAL behind "lsn" is apart. */
struct leaving {
	uint64_t	 lsn;
	int64_t		 us;		/* or STRAY_UNKNOWN */
};

const struct fed_timeline *
fed_timeline(const struct fed_input *in, uint32_t tli)
{
	size_t	 lo = 0, hi = in->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (in->v[mid].tli == tli)
			return (&in->v[mid]);
		if (in->v[mid].tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

/* The evidence; STRAY_UNKNOWN is the lowest number, so all is later. */
static int
goes_on(const struct fed_input *in, const struct fed_timeline *t,
    struct leaving left)
{
	const struct lineage_backup	*b;

	for (b = in->backup; b != in->backup + in->nbackup; b++)
		if (b->tli == t->tli && b->stop_lsn > left.lsn &&
		    stray_is_later(b, left.us))
			return (1);
	if (t->end <= left.lsn)
		return (0);
	return (t->fed_us == STRAY_UNKNOWN || (t->fed_us > left.us &&
	    t->fed_us > in->now_us - in->quiet_us));
}

static struct leaving
left_by(const struct fed_input *in, uint32_t tli, uint32_t line)
{
	const struct stray_fork		 f = stray_fork(&in->lines, line, tli);
	const struct fed_timeline	*child = fed_timeline(in, f.child);

	return ((struct leaving){ f.lsn,
	    child == NULL ? STRAY_UNKNOWN : child->began_us });
}

/* Without the histories: the earliest beginning of all that may have left. */
static struct leaving
left_first(const struct fed_input *in, uint32_t tli, uint32_t latest)
{
	struct leaving	 left = { 0, INT64_MAX };
	size_t		 i;

	for (i = 0; i < in->n; i++)
		if (in->v[i].tli > tli && in->v[i].tli <= latest &&
		    in->v[i].began_us < left.us)
			left.us = in->v[i].began_us;
	return (left);
}

/* Timelines rise along a history. */
static int
is_named(const struct history *h, uint32_t tli)
{
	size_t	 lo = 0, hi = h->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (h->v[mid].tli == tli)
			return (1);
		if (h->v[mid].tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (0);
}

/*
 * Whoever holds a .push key can add thousands of timelines, so what costs time
 * is asked only of the histories that name this one.
 */
static int
descends(const struct history *h, uint32_t from)
{
	uint64_t	 begin, end;

	return (is_named(h, from) && history_span(h, from, &begin, &end));
}

static int
is_fed(const struct fed_input *in, const struct fed_timeline *t,
    uint32_t latest)
{
	const struct history	*h;

	if (in->lines_guessed)
		return (goes_on(in, t, left_first(in, t->tli, latest)));
	if (!goes_on(in, t, left_by(in, t->tli, latest)))
		return (0);
	for (h = in->lines.v; h != in->lines.v + in->lines.n; h++)
		if (descends(h, t->tli) &&
		    fed_timeline(in, h->tli) != NULL &&
		    !goes_on(in, t, left_by(in, t->tli, h->tli)))
			return (0);
	return (1);
}

uint32_t
fed_latest(const struct fed_input *in)
{
	return (in->latest != 0 ? in->latest :
	    lineage_latest(&in->lines, in->backup, in->nbackup));
}

size_t
fed_find(const struct fed_input *in, uint32_t *tli)
{
	const uint32_t	 latest = fed_latest(in);
	size_t		 i, n = 0;

	for (i = 0; i < in->n; i++)
		if (in->v[i].tli < latest && is_fed(in, &in->v[i], latest))
			tli[n++] = in->v[i].tli;
	return (n);
}

int
fed_has(const uint32_t *v, size_t n, uint32_t tli)
{
	size_t	 lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (v[mid] == tli)
			return (1);
		if (v[mid] < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (0);
}
