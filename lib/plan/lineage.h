/* SPDX-License-Identifier: ISC */
#ifndef PLAN_LINEAGE_H
#define PLAN_LINEAGE_H

#include <stddef.h>
#include <stdint.h>

#include "pg/history.h"

/*
 * Lines of timelines, and where backups stand on them.  The line of a
 * timeline is its own WAL and, before the point where it began, that of the
 * timelines it descends from.  What an ancestor wrote after that point is on
 * another line: a backup taken there cannot be rolled forward onto this one.
 */
struct lineage_set {
	const struct history	*v;	/* every history file in the archive */
	size_t			 n;
};

/* What the planners of this floor need to know of a backup. */
struct lineage_backup {
	const char	*id;
	int64_t		 start_us, stop_us;	/* by PostgreSQL's clock */
	uint64_t	 start_lsn, stop_lsn;
	uint32_t	 tli;
};

/*
 * The history of a timeline.  Timeline 1 has one without a file, a timeline
 * that has no ancestors.  NULL if the file is not in the set.
 */
const struct history *lineage_find(const struct lineage_set *, uint32_t tli);

/*
 * Whether the line of timeline "to" goes through "lsn" of timeline "tli":
 * up to there, everything that "tli" wrote is in its past.  A timeline whose
 * history is not known has only itself on its line.
 */
int	 lineage_reaches(const struct lineage_set *, uint32_t tli, uint64_t lsn,
	    uint32_t to);

/*
 * An LSN that WAL along the line of timeline "tli" is known to have reached,
 * whatever is archived of it: where it began, and where the timelines left it
 * that came from it.  0 if the histories do not tell.
 */
uint64_t lineage_known_end(const struct lineage_set *, uint32_t tli);

/* The highest timeline of both, 0 if both are empty. */
uint32_t lineage_latest(const struct lineage_set *, const struct lineage_backup *,
	    size_t n);

#endif /* PLAN_LINEAGE_H */
