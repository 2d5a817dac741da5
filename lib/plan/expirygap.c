/* SPDX-License-Identifier: ISC */
/* Gaps behind pinned backups that expiry made. */
#include "plan/expirygap.h"

/* The last segment of a backup: the stop LSN is the first byte behind it. */
static uint64_t
last_segment(const struct lineage_backup *b, uint32_t segsize)
{
	return ((b->stop_lsn - (b->stop_lsn > 0)) / segsize);
}

/* Whether this is the first segment behind the stop of a pinned backup. */
static int
follows_pinned(const struct expirygap *g, uint64_t segno)
{
	size_t	 i;

	for (i = 0; i < g->n; i++)
		if (last_segment(&g->pinned[i], g->segsize) + 1 == segno)
			return (1);
	return (0);
}

/* The segment behind the pinned WAL that holds "segno"; itself if none. */
static uint64_t
skip_pinned(const struct expirygap *g, uint32_t tli, uint64_t segno)
{
	const struct lineage_backup	*b;
	uint64_t			 last;

	for (b = g->pinned; b != g->pinned + g->n; b++) {
		last = last_segment(b, g->segsize);
		if (b->tli == tli && b->start_lsn / g->segsize <= segno &&
		    segno <= last)
			return (last + 1);
	}
	return (segno);
}

/*
 * Whether all WAL on the line before segment "end" belongs to pinned backups.
 * Files of a timeline that lie outside of its part of the line do not count:
 * they belong to a branch, which has a floor of its own.
 */
static int
only_pinned(const struct expirygap *g, const struct history *line,
    uint64_t end)
{
	const struct coverage_run	*r;
	uint64_t			 begin, stop, at, last, next;

	for (r = g->wal->v; r != g->wal->v + g->wal->n; r++) {
		if (!history_span(line, r->tli, &begin, &stop))
			continue;
		at = begin / g->segsize;
		if (at < r->first)
			at = r->first;
		last = (stop - 1) / g->segsize;
		if (last > r->last)
			last = r->last;
		while (at <= last && at < end) {
			if ((next = skip_pinned(g, r->tli, at)) == at)
				return (0);
			at = next;
		}
	}
	return (1);
}

int
expirygap_is(const struct expirygap *g, const struct history *line,
    uint64_t first, uint64_t last, int begun)
{
	return (follows_pinned(g, first) &&
	    (begun || (g->pushing && only_pinned(g, line, last + 1))));
}

/* The same on one line. */
static int
is_cut(const struct expirygap *g, const struct history *line,
    const struct lineage_backup *b, struct err *e)
{
	const uint64_t	 next = last_segment(b, g->segsize) + 1;
	struct coverage	 c;
	int		 rc;

	if ((rc = coverage_follow(g->wal, line, g->segsize, b->tli, next - 1,
	    &c, e)) != 0)
		return (rc == -1 ? -1 : 0);
	rc = c.ngap > 0 && (c.gap[0].first == next ||
	    (c.gap[0].first > next && follows_pinned(g, c.gap[0].first)));
	coverage_free(&c);
	return (rc);
}

int
expirygap_behind(const struct expirygap *g, const struct lineage_set *lines,
    const struct lineage_backup *b, struct err *e)
{
	const struct history	 alone = { .tli = b->tli };
	const struct history	*h = lineage_find(lines, b->tli);
	size_t			 i;
	int			 rc;

	rc = is_cut(g, h == NULL ? &alone : h, b, e);
	for (i = 0; rc == 0 && i < lines->n; i++) {
		h = &lines->v[i];
		if (h->tli != b->tli &&
		    lineage_leads(h, b->tli, b->stop_lsn, h->tli))
			rc = is_cut(g, h, b, e);
	}
	return (rc);
}
