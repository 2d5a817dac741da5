/* SPDX-License-Identifier: ISC */
/*
 * Expiry with a .public key, which cannot read history files.  A retention
 * policy must keep the newest backup that leads onto the latest timeline, and
 * onto each that is still fed.  Where it is not known which one that is, all
 * that may be it are held.
 */
#include <stdlib.h>

#include "expire/unknownforks.h"
#include "expire/weigh.h"

#define TELL	" (only a .restore key can tell)"

/* Why backups are held, and how new they may be. */
struct doubt {
	const char	*why;
	int64_t		 since;	/* later ones are kept by the window */
	struct grace	 grace;
};

/* The backups of one timeline, among all of them by timeline. */
struct own {
	struct retention_backup	**v;
	size_t			 n;
};

static int
compare(const void *va, const void *vb)
{
	const struct retention_backup	*a, *b;

	a = *(const struct retention_backup *const *)va;
	b = *(const struct retention_backup *const *)vb;
	if (a->at.tli != b->at.tli)
		return (a->at.tli < b->at.tli ? -1 : 1);
	return (a < b ? -1 : a > b);	/* in the catalogue's order */
}

static size_t
first_from(const struct own *all, uint64_t tli)
{
	size_t	 lo = 0, hi = all->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (all->v[mid]->at.tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static struct own
of_timeline(const struct own *all, uint32_t tli)
{
	const size_t	 from = first_from(all, tli);

	return ((struct own){ all->v + from,
	    first_from(all, (uint64_t)tli + 1) - from });
}

static void
hold(struct retention_backup *b, const struct doubt *d)
{
	if (b->held == NULL)
		b->held = d->why;
}

/*
 * Hold those backups of a timeline that may lead onto a timeline which began
 * between the LSNs "lo" and "hi": the newest one that ended before "lo", and
 * all that ended in between.  One that does not count is not the newest.
 */
static void
hold_onto(const struct own *own, uint64_t lo, uint64_t hi,
    const struct doubt *d)
{
	struct retention_backup	*b, *best = NULL;
	size_t			 i;

	for (i = 0; i < own->n; i++) {
		b = own->v[i];
		if (b->gone || retention_ended(b, &d->grace) > d->since)
			continue;
		if (b->at.stop_lsn > lo && b->at.stop_lsn < hi)
			hold(b, d);
		else if (b->at.stop_lsn <= lo &&
		    retention_counts(b, &d->grace) && (best == NULL ||
		    b->at.stop_lsn > best->at.stop_lsn))
			best = b;
	}
	if (best != NULL)
		hold(best, d);
}

/*
 * A redundancy has no window: then all count but those of a clock that is far
 * ahead.  "Now" may be rounded down, so the last backup may be later.
 */
static int64_t
since(const struct expire *x)
{
	if (x->conf->policy.kind == RETENTION_REDUNDANCY)
		return (x->now_us + 86400 * EXPIRE_SECOND);
	return (x->now_us - retention_policy_window(&x->conf->policy));
}

/* Whether a timeline has a backup of its own from before the window. */
static int
has_its_own(const struct expire *x, const struct own *all, size_t to)
{
	const struct own	 own = of_timeline(all,
	    catalogue_timeline(x->cat, to)->tli);
	const struct grace	 grace = weigh_grace(x);
	size_t			 i;

	for (i = 0; i < own.n; i++)
		if (retention_counts(own.v[i], &grace) &&
		    retention_ended(own.v[i], &grace) <= since(x))
			return (1);
	return (0);
}

/*
 * The target is the timeline with the index "to".  Once it has a backup of its
 * own from before the window, nothing older is needed and nothing is held.
 * Until then any older timeline may have led onto any later one, directly or
 * by way of others.  A timeline began somewhere in its first segment; the
 * target may have no segment yet, and may then have begun anywhere.
 */
static void
hold_in_doubt(const struct expire *x, const struct own *all, size_t to,
    const char *why)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const struct doubt		 d = { why, since(x), weigh_grace(x) };
	const struct walindex_timeline	*t;
	struct own			 own;
	size_t				 i, k;

	if (has_its_own(x, all, to))
		return;
	for (i = 0; i < to; i++) {
		own = of_timeline(all, catalogue_timeline(x->cat, i)->tli);
		for (k = i + 1; own.n > 0 && k <= to; k++) {
			t = catalogue_timeline(x->cat, k);
			if (t->segments == 0 && k < to)
				continue;
			hold_onto(&own,
			    t->segments == 0 ? 0 : t->first * segsize,
			    t->segments == 0 ? UINT64_MAX :
			    (t->first + 1) * segsize, &d);
		}
	}
}

/*
 * What may lead onto a timeline may lead onto any later one by way of it, so it
 * is enough to ask for the last one that is fed and has no backup of its own;
 * and for the last of these that has no segment, since that may have begun
 * anywhere.  Whoever holds a .push key can make thousands look fed.
 */
static void
hold_onto_fed(const struct expire *x, const struct own *all)
{
	static const char		 why[] = "may lead onto a timeline "
	    "that is still fed" TELL;
	const struct walindex_timeline	*t;
	size_t				 i, n = catalogue_timelines(x->cat) - 1;
	int				 any = 0;

	for (i = n; i-- > 0;) {
		t = catalogue_timeline(x->cat, i);
		if ((any && t->segments > 0) ||
		    !fed_has(x->fed, x->nfed, t->tli) ||
		    has_its_own(x, all, i))
			continue;
		hold_in_doubt(x, all, i, why);
		if (t->segments == 0)
			return;
		any = 1;
	}
}

/* Whether the history of every timeline was read; timeline 1 needs none. */
static int
know_forks(const struct expire *x, const struct lineage_set *lines, int read)
{
	const struct walindex_timeline	*t;
	size_t				 i;

	for (i = 0; i < catalogue_timelines(x->cat); i++) {
		t = catalogue_timeline(x->cat, i);
		if (t->tli > 1 && lineage_find(lines, t->tli) == NULL)
			return (0);
	}
	return (read || catalogue_timelines(x->cat) < 2);
}

void
unknownforks_look(struct expire *x)
{
	struct lineage_set	 lines;
	int			 read;

	lines = catalogue_lines(x->cat, &read);
	x->forks_known = know_forks(x, &lines, read);
}

int
unknownforks_hold(struct expire *x, struct err *e)
{
	const size_t	 n = catalogue_timelines(x->cat);
	struct own	 all = { NULL, catalogue_labels(x->cat) };
	size_t		 i;

	if (x->forks_known || n < 2 || all.n == 0)
		return (0);
	if ((all.v = calloc(all.n, sizeof(*all.v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < all.n; i++)
		all.v[i] = &x->backup[i];
	qsort(all.v, all.n, sizeof(*all.v), compare);
	hold_in_doubt(x, &all, n - 1, "may lead onto the latest timeline"
	    TELL);
	hold_onto_fed(x, &all);
	free(all.v);
	return (0);
}
