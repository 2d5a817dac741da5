/* SPDX-License-Identifier: ISC */
#ifndef PLAN_LINEAGE_H
#define PLAN_LINEAGE_H

#include <stddef.h>
#include <stdint.h>

#include "pg/history.h"

/*
 * Lines of timelines, and where backups lie on them.  Pure: no files.
 *
 * The line of a timeline is its own WAL and, before the point where it began,
 * the WAL of the timelines that it descends from, each up to the point where
 * it was left.  What an ancestor wrote after that point is on another line: a
 * backup that ended there cannot be rolled forward onto this one.
 */
struct lineage_set {
	const struct history	*v;	/* every history file in the archive, */
	size_t			 n;	/* ascending by timeline; borrowed */
};

/* What planners need to know of a backup. */
struct lineage_backup {
	const char	*id;
	int64_t		 start_us, stop_us;	/* by PostgreSQL's clock */
	uint64_t	 start_lsn, stop_lsn;	/* stop: the first byte that
						 * the backup does not need */
	uint32_t	 tli;		/* the timeline it was taken on */
	uint64_t	 oldest_xid, next_xid;	/* see plan/xidspan.h; 0: not
						 * known */
};

/*
 * The history of timeline "tli", or NULL if the set does not have it.
 * Timeline 1 has no history file, and no ancestors: it is always found.
 */
const struct history *lineage_find(const struct lineage_set *, uint32_t tli);

/*
 * Whether all WAL of timeline "tli" before "lsn" is on the line of timeline
 * "to".  With a backup's timeline and stop LSN: whether the backup leads to
 * "to", which is to say that it can be rolled forward onto that timeline.  A
 * timeline leads to itself, whatever the LSN.  A timeline whose history is
 * not in the set has only itself on its line.
 */
int	 lineage_reaches(const struct lineage_set *, uint32_t tli, uint64_t lsn,
	    uint32_t to);

/* The same, for callers that ask often: "past" is lineage_find() of "to". */
int	 lineage_leads(const struct history *past, uint32_t tli, uint64_t lsn,
	    uint32_t to);

/*
 * The timeline whose file recovery along the line of "tli" reads for segment
 * "segno": the last one of the line that wrote into it.  A timeline whose
 * history is not in the set has only itself on its line.
 */
uint32_t lineage_file(const struct lineage_set *, uint32_t tli,
	    uint64_t segno, uint32_t segsize);

/*
 * The highest LSN that WAL on timeline "tli" must have reached, by the
 * histories alone: where the timeline began, or where the last of those that
 * descend from it left it.  How much of that WAL is archived does not matter.
 * 0 if no history mentions the timeline.
 */
uint64_t lineage_known_end(const struct lineage_set *, uint32_t tli);

/*
 * The highest timeline of all histories in the set and of the "n" backups
 * "v".  0 if there are none of either: timeline 1 has no history file, so the
 * set alone never shows it.
 */
uint32_t lineage_latest(const struct lineage_set *,
	    const struct lineage_backup *v, size_t n);

#endif /* PLAN_LINEAGE_H */
