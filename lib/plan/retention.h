/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_H
#define PLAN_RETENTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/coverage.h"
#include "plan/lineage.h"
#include "plan/packruns.h"
#include "plan/retention_policy.h"

/*
 * What may be deleted.  Pure: no files, no clock, no network.  The caller
 * has read and authenticated every label and every history file first; if
 * one could not be read it must not ask, since what is missing here keeps
 * nothing.
 *
 * Backups.  What the caller has "gone" goes, and counts for nothing.  Else
 * kept is what any of these holds; the first that holds is the reason given:
 *
 *   - the caller says so ("held");
 *   - there is no policy;
 *   - it ended after "now" and the slack: some clock is wrong.  Such a backup
 *     counts for none of what follows, so that it pushes no other out;
 *   - redundancy N: it is among the N newest (by the time they ended);
 *   - recovery window of T: it ended after now - T, or it is the newest of
 *     those that ended before, or the newest of those that lead onto the
 *     latest timeline or onto one with a backup from within the window
 *     (after a point-in-time recovery the newest may be on a branch that was
 *     left);
 *   - it is the newest that leads onto the latest timeline: whatever the
 *     policy, the cluster that runs now keeps a backup;
 *   - it is among the minimum_redundancy newest, where at least one is kept
 *     even if that is 0;
 *   - it is pinned.  A pin adds to what is kept and changes nothing else: the
 *     backup counts for the policy as any other does, and stands alone where
 *     nothing but the pin keeps it.
 *
 * WAL.  A backup that stands alone needs the segments from its start to its
 * stop on its own timeline, and what follows does not go by it: it is no
 * "kept backup" in what is said below.  Another one needs, on its own timeline and on every one that descends
 * from it after the backup ended, all segments from its first one on, for
 * ever: they lead to later points.  No backup needs a segment with a lower
 * number than its first, on any timeline.  So a segment may go if
 *
 *   - its timeline is reached by kept backups, and its number is lower than
 *     the first segment of each of these;
 *   - its timeline is reached by none, but a kept backup is on a later
 *     timeline, and its number is lower than the first segment of every kept
 *     backup.  (WAL of a branch that was left stays until then, although
 *     nothing may lead to it: storage is lost for a while, no WAL.)
 *
 * WAL of a timeline newer than those of all kept backups that none of them
 * reaches never goes: after a recovery to an early point that is the cluster
 * that runs now, and its first backup may be under way.  A backup under way
 * ("running") may be on any timeline, and also keeps on each the WAL from the
 * last backup before it on that leads onto it; where there is none, none of
 * the timeline's WAL goes.  (Before it: no backup up to there ended later, nor
 * earlier than one that it ended behind, for then a clock was set back.)
 *
 * Packs.  Needed is what a kept backup's label refers to, no matter in which
 * backup's directory it lies.
 */
struct retention_backup {
	struct lineage_backup	 at;
	const char		*held;	/* why, with all its WAL; or NULL */
	int			 gone;	/* goes, whatever else */
	const char		*pinned; /* "pinned until ..."; NULL: it's not */
	const struct packruns_run *ref;	/* its packs; borrowed */
	size_t			 nref;
};

struct retention_input {
	const struct retention_backup *v;	/* any order */
	size_t			 n;
	struct lineage_set		 lines;
	uint32_t		 segsize;
	struct retention_policy	 policy;
	uint64_t		 minimum_redundancy;
	int64_t			 now_us, slack_us;
	const int64_t		*running_us;	/* when they began */
	size_t			 nrunning;
};

#define RETENTION_WHY	160

struct retention_verdict {
	int		 keep;
	int		 alone;		/* kept by its pin and nothing else */
	char		 why[RETENTION_WHY];
};

struct retention_floor {
	uint32_t	 tli;
	uint64_t	 segno;		/* lower ones may go */
};

struct retention_plan {
	struct retention_verdict *verdict;	/* as the input's backups */
	size_t		 nkept;
	struct retention_floor *floor;	/* ascending by timeline */
	size_t		 nfloor;
	struct coverage_run *island;	/* WAL of those that stand alone */
	size_t		 nisland;
	uint64_t	 lowest;	/* the least of all floors that hold */
	uint32_t	 newest_tli;	/* of the backups that hold WAL */
	int		 running;	/* some backup is under way */
	struct packruns	 packs;		/* that kept backups refer to */
};

/*
 * ERR_LOCAL if memory is short.  "plan" borrows the ids of the input and is
 * released by retention_plan_free().
 */
int	 retention_make(const struct retention_input *,
	    struct retention_plan *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 retention_plan_free(struct retention_plan *);

/*
 * Segments of this timeline with lower numbers may go, but for those on an
 * island; 0: none may.
 */
uint64_t retention_wal_floor(const struct retention_plan *, uint32_t tli);

/* Whether the segment is on an island. */
int	 retention_wal_island(const struct retention_plan *, uint32_t tli,
	    uint64_t segno);

#endif /* PLAN_RETENTION_H */
