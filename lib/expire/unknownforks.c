/* SPDX-License-Identifier: ISC */
/* Expiry without the histories. */
#include "expire/unknownforks.h"

static void
hold(struct retention_backup *b)
{
	if (b->held == NULL)
		b->held = "may lead onto the latest timeline (only a "
		    ".restore key can tell)";
}

/*
 * Those of timeline "tli" that may lead onto one that begins between "lo" and
 * "hi": the newest that ended before, and all that ended in between.
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
 * Where the histories could not be read, who leads onto the latest timeline
 * is not known, nor by which way.  So long as that has no backup of its own
 * from before the window, those of each older timeline are held that may lead
 * onto a later one; such begins somewhere in its first segment.  One that was
 * just made and has no segment yet may begin anywhere.
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

/* Whether every timeline's history was read; the first has none. */
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
