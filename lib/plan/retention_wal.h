/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_WAL_H
#define PLAN_RETENTION_WAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * Which WAL must stay and which may be deleted.  Pure: no files, no clock, no
 * network.  The caller has read and authenticated every label and history
 * file first: a backup that is missing here keeps nothing.
 *
 * No backup needs a segment with a lower number than the one that its start
 * LSN lies in, its first segment, whatever the timeline.  So each timeline
 * has a floor: segments with lower numbers may go, unless they lie on an
 * island.  What a backup needs:
 */
enum retention_wal_need {
	RETENTION_WAL_NONE,	/* Nothing: the backup goes. */
	RETENTION_WAL_ISLAND,	/* The segments from its start to its stop, on
				 * its own timeline.  The backup can then be
				 * restored to its end and no further. */
	RETENTION_WAL_LINE	/* All segments from its first one on, without
				 * end, on its own timeline and on each one
				 * that it leads to (lineage_reaches()).  They
				 * lead to later points. */
};

/*
 * The floor of a timeline is the lowest number that one of these rules gives:
 *
 *   1. If backups that need a line lead to the timeline: the lowest of their
 *      first segments.
 *   2. If none leads to it and some backup that needs a line is on a timeline
 *      with a higher number: the lowest first segment of all backups that
 *      need a line.  The timeline is then a branch that was left.  Perhaps
 *      nothing leads to its WAL, which stays for a while nevertheless: that
 *      costs storage, and no recovery.
 *   3. If none leads to it and it is newer than the timelines of all backups
 *      that need a line: 0, so that nothing goes.  After a recovery to an
 *      early point that is the timeline of the cluster that now runs, and its
 *      first backup may be under way.
 *   4. For each backup under way, which may be on any timeline: the first
 *      segment of the last backup before it that leads to this timeline, and
 *      0 if there is none.
 *   5. If no backup needs a line: 0.
 *
 * "The last backup before it" is found without trust in clocks, which may
 * have been set back: the backups that lead to the timeline are taken in the
 * order of their stop LSNs, up to the first one that ended after the backup
 * under way began, by the database host's clock or by the repository's, or that
 * says that it ended earlier than the one before.
 *
 * A timeline that only its WAL files name, and neither a backup nor a history,
 * has a floor by rules 2, 3 and 5; it is 0 while any backup is under way.
 *
 * A backup that is young (grace.h) lowers floors and raises none, since anybody
 * who may push can add one.  If only young ones lead to a timeline, rule 1 does
 * not take the place of rules 2 and 3: the lower of both numbers is the floor.
 * For rules 2 to 5 young backups count for nothing, except that "the lowest
 * first segment of all" is also theirs.
 *
 * If the lines are a guess (lines_guessed), no timeline is known to be apart
 * from another.  A floor above "lowest" (see below) is then lowered to it.  A
 * timeline newer than those of all backups that need a line has floor 0, even
 * if a backup seems to lead to it.
 */
struct retention_wal_backup {
	struct lineage_backup	 at;
	int64_t			 label_us; /* as in struct retention_backup */
	enum retention_wal_need	 need;
	int			 counts;	/* for rule 4; 0 if its stop
						 * time cannot be right, it is
						 * young or not whole, or the
						 * user said it goes */
	int			 young;
};

/* A backup under way. */
struct retention_running {
	int64_t		 began_us;	/* by the database host's clock, or
					 * earlier */
	int64_t		 there_us;	/* the oldest file in its directory, by
					 * the repository's clock */
};

struct retention_wal_input {
	const struct retention_wal_backup *v;	/* in any order */
	size_t			 n;
	struct lineage_set	 lines;
	int			 lines_guessed;
	uint32_t		 segsize;	/* bytes */
	const struct retention_running *running;
	size_t			 nrunning;
};

struct retention_wal_line {
	uint32_t	 tli;
	uint64_t	 floor;		/* by rules 1 to 5 */
};

struct retention_wal {
	struct retention_wal_line *line; /* owned; ascending by timeline:
					  * 1, those of backups, those that
					  * have a history file */
	size_t		 nline;
	struct coverage_run *island;	/* owned; of all backups that need */
	size_t		 nisland;	/* one, sorted, and none touch */
	uint64_t	 lowest;	/* first segment of the backups that
					 * need a line; if a floor above 0 is
					 * lower, that */
	uint32_t	 newest_tli;	/* of the backups that need a line and
					 * are not young */
	int		 running;	/* some backup is under way */
	int		 guessed;	/* the lines are a guess */
};

/*
 * ERR_LOCAL if memory is short.  "out" is set on success only, and released
 * by retention_wal_fini().
 */
int	 retention_wal_make(const struct retention_wal_input *,
	    struct retention_wal *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 retention_wal_fini(struct retention_wal *);

/*
 * Let these islands stay as well, whatever else is on them.  ERR_LOCAL if
 * memory is short.
 */
int	 retention_wal_keep(struct retention_wal *,
	    const struct coverage_set *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Segments of timeline "tli" with numbers below the returned one may go,
 * except those on an island; 0: none may go.
 */
uint64_t retention_wal_floor(const struct retention_wal *, uint32_t tli);

/* Whether segment "segno" of timeline "tli" lies on an island. */
int	 retention_wal_island(const struct retention_wal *, uint32_t tli,
	    uint64_t segno);

/*
 * Whether WAL behind the backup's last segment may go: on the line of its own
 * timeline, or of one that it leads to.
 */
int	 retention_wal_cuts(const struct retention_wal *,
	    const struct lineage_set *, uint32_t segsize,
	    const struct lineage_backup *) __attribute__((nonnull));

#endif /* PLAN_RETENTION_WAL_H */
