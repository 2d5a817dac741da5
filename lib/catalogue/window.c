/* SPDX-License-Identifier: ISC */
/*
 * The recovery window.  How far WAL reaches from one backup is decided by
 * plan/coverage; here the answers for all backups are put together.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/window.h"

void
window_free(struct window *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		coverage_free(&w->backup[i].wal);
	free(w->backup);
	free(w->gap);
	memset(w, 0, sizeof(*w));
}

/*
 * The highest timeline that has WAL, a history or a backup: the one that the
 * cluster runs on now, unless a recovery to it has not archived anything yet.
 */
static uint32_t
latest_timeline(const struct catalogue *c)
{
	size_t		 n = catalogue_timelines(c), i;
	uint32_t	 tli = 0;

	if (n > 0)
		tli = catalogue_timeline(c, n - 1)->tli;
	for (i = 0; i < catalogue_labels(c); i++)
		if (catalogue_label(c, i)->timeline > tli)
			tli = catalogue_label(c, i)->timeline;
	return (tli);
}

/*
 * Several backups meet the same gap.  Its end tells gaps of one timeline
 * apart; its beginning may differ, as a backup may start inside it.
 */
static int
add_gap(struct window *w, const struct coverage_run *g, struct err *e)
{
	struct coverage_run	*p;
	size_t			 i;

	for (i = 0; i < w->ngap; i++)
		if (w->gap[i].tli == g->tli && w->gap[i].last == g->last)
			return (0);
	if ((p = realloc(w->gap, (w->ngap + 1) * sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery window"));
	w->gap = p;
	p[w->ngap++] = *g;
	return (0);
}

/*
 * coverage_follow() does not call it a gap if the last segments are missing,
 * as they may not be archived yet.  But the label says where the backup
 * stopped, and a label is published only once its WAL is stored.  So what is
 * missing before the stop got lost.
 */
static void
find_missing(struct window_backup *b, const struct label *l, uint32_t segsize)
{
	struct coverage_run	*g = &b->missing;

	if (b->whole || b->wal.ngap > 0)
		return;
	g->tli = l->timeline;
	g->first = l->start_lsn / segsize;
	g->last = (l->stop_lsn - (l->stop_lsn > 0)) / segsize;
	if (b->wal.any && b->wal.last >= g->first)
		g->first = b->wal.last + 1;
	b->lacks = g->first <= g->last;
}

/* Whether this is the first segment behind the stop of a pinned backup. */
static int
follows_pinned(const struct catalogue *c, uint64_t segno)
{
	uint64_t	 stop;
	size_t		 i;

	for (i = 0; i < catalogue_labels(c); i++) {
		stop = catalogue_label(c, i)->stop_lsn;
		if (catalogue_pin(c, i)->kind != PIN_NONE &&
		    (stop - (stop > 0)) / catalogue_segsize(c) + 1 == segno)
			return (1);
	}
	return (0);
}

/*
 * Forget the gaps behind a pinned backup that expiry made: each begins right
 * behind the stop of a pinned backup (this one or a later one) and ends where
 * a backup starts.  That backup may have expired: beside a push that is under
 * way, or was interrupted, expiry keeps the WAL from the last backup before it
 * on, and that backup may go.  A gap that runs through a switch of timelines is
 * listed in pieces, one for each timeline; those are joined before they are
 * judged.
 */
static void
forgive(struct window_backup *b, const struct catalogue *c)
{
	struct coverage_run	*g = b->wal.gap;
	size_t			 i, end, n = 0;

	for (i = 0; i < b->wal.ngap; i = end) {
		end = i + 1;
		while (end < b->wal.ngap && g[end].first == g[end - 1].last + 1)
			end++;
		if (follows_pinned(c, g[i].first) &&
		    catalogue_begun(c, g[end - 1].last + 1))
			continue;
		memmove(&g[n], &g[i], (end - i) * sizeof(*g));
		n += end - i;
	}
	b->wal.ngap = n;
}

static int
look_at(struct window *w, const struct catalogue *c, size_t i, struct err *e)
{
	const struct label	*l = catalogue_label(c, i);
	struct window_backup	*b = &w->backup[i];
	struct history		 alone = { .tli = l->timeline };
	const struct history	*h;
	struct lineage_set		 lines;
	uint32_t		 segsize = catalogue_segsize(c);
	size_t			 k;
	int			 read;

	lines = catalogue_lines(c, &read);
	b->latest = lineage_reaches(&lines, l->timeline, l->stop_lsn,
	    w->latest);
	h = lineage_find(&lines, b->latest ? w->latest : l->timeline);
	if (h == NULL)
		h = &alone;
	if (coverage_follow(catalogue_wal(c), h, segsize, l->timeline,
	    l->start_lsn / segsize, &b->wal, e) == -1)
		return (-1);
	b->whole = b->wal.any && b->wal.end >= l->stop_lsn;
	if (b->whole && catalogue_pin(c, i)->kind != PIN_NONE)
		forgive(b, c);
	for (k = 0; k < b->wal.ngap; k++)
		if (add_gap(w, &b->wal.gap[k], e))
			return (-1);
	find_missing(b, l, segsize);
	return (b->lacks ? add_gap(w, &b->missing, e) : 0);
}

static int
same_end(const struct window_backup *a, const struct window_backup *b)
{
	return (a->wal.end == b->wal.end && a->wal.tli == b->wal.tli);
}

/* From the newest backup back to the oldest with the same end. */
void
window_without(struct window *w, const int *gone)
{
	size_t	 i;

	w->any = 0;
	for (i = w->n; i-- > 0;) {
		if (!w->backup[i].latest || !w->backup[i].whole ||
		    (gone != NULL && gone[i]))
			continue;
		if (!w->any) {
			w->any = 1;
			w->first = w->newest = i;
		} else if (same_end(&w->backup[i], &w->backup[w->newest]))
			w->first = i;
	}
}

int
window_make(struct window *w, const struct catalogue *c, struct err *e)
{
	size_t	 i, n = catalogue_labels(c);

	memset(w, 0, sizeof(*w));
	w->latest = latest_timeline(c);
	if (n == 0)
		return (0);
	if ((w->backup = calloc(n, sizeof(*w->backup))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery window"));
	w->n = n;
	for (i = 0; i < n; i++)
		if (look_at(w, c, i, e)) {
			window_free(w);
			return (-1);
		}
	window_without(w, NULL);
	return (0);
}
