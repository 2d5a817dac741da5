/* SPDX-License-Identifier: ISC */
/*
 * Expiry with a .public key, which cannot read history files.  A retention
 * policy must keep the newest backup that leads onto the latest timeline.
 * Where it is not known which one that is, all that may be it are held.
 */
#include "expire/unknownforks.h"

static void
hold(struct retention_backup *b)
{
	if (b->held == NULL)
		b->held = "may lead onto the latest timeline (only a "
		    ".restore key can tell)";
}

/*
 * Hold the backups of timeline "tli" that may lead onto a timeline which began
 * between the LSNs "lo" and "hi": the newest one that ended before "lo", and
 * all that ended in between.  Backups after "since" are kept by the window.
 */
static void
hold_onto(struct expire *x, uint32_t tli, uint64_t lo, uint64_t hi,
    int64_t since)
{
	struct retention_backup	*b, *best = NULL;
	size_t			 labels = catalogue_labels(x->cat);

	for (b = x->backup; b < x->backup + labels; b++) {
		if (b->gone || b->at.tli != tli || b->at.stop_us > since)
			continue;
		if (b->at.stop_lsn > lo && b->at.stop_lsn < hi)
			hold(b);
		else if (b->at.stop_lsn <= lo && (best == NULL ||
		    b->at.stop_lsn > best->at.stop_lsn))
			best = b;
	}
	if (best != NULL)
		hold(best);
}

/*
 * Once the latest timeline has a backup of its own from before the window,
 * nothing older is needed and nothing is held.  Until then any older timeline
 * may have led onto any later one, directly or by way of others.  A timeline
 * began somewhere in its first segment; the latest one may have no segment
 * yet, and may then have begun anywhere.
 */
static void
hold_in_doubt(struct expire *x)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const struct walindex_timeline	*t;
	const struct retention_backup	*b;
	size_t				 i, k, n;
	int64_t				 since;

	if ((n = catalogue_timelines(x->cat)) < 2)
		return;
	t = catalogue_timeline(x->cat, n - 1);
	since = x->now_us - retention_policy_window(&x->conf->policy);
	for (b = x->backup; b < x->backup + catalogue_labels(x->cat); b++)
		if (!b->gone && b->at.tli == t->tli && b->at.stop_us <= since)
			return;
	for (i = 0; i + 1 < n; i++)
		for (k = i + 1; k < n; k++) {
			t = catalogue_timeline(x->cat, k);
			if (t->segments == 0 && k + 1 < n)
				continue;
			hold_onto(x, catalogue_timeline(x->cat, i)->tli,
			    t->segments == 0 ? 0 : t->first * segsize,
			    t->segments == 0 ? UINT64_MAX :
			    (t->first + 1) * segsize, since);
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
unknownforks_hold(struct expire *x)
{
	struct lineage_set	 lines;
	int			 read;

	lines = catalogue_lines(x->cat, &read);
	x->forks_known = know_forks(x, &lines, read);
	if (!x->forks_known)
		hold_in_doubt(x);
}
