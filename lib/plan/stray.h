/* SPDX-License-Identifier: ISC */
#ifndef PLAN_STRAY_H
#define PLAN_STRAY_H

#include <stdint.h>

#include "plan/choose.h"
#include "plan/lineage.h"

/*
 * Lines of timelines beside the one that a restore follows.  Pure: no files,
 * no clock.
 *
 * PostgreSQL's "latest" is the highest timeline.  A copy that was promoted by
 * mistake and archived may have it, while the cluster that people work with
 * goes on on a lower one.  A restore along the copy's line would then lose
 * all work since the fork without an error.  After a failover or a restore
 * in place, on the other hand, the line that was left ends, and the highest
 * timeline is the right one.
 */
#define STRAY_UNKNOWN	INT64_MIN	/* a time that is not known */

/*
 * The time "us", or STRAY_UNKNOWN if it lies more than a day behind "now_us":
 * then a clock was wrong, or somebody with a .push key made it up.
 */
#define STRAY_AHEAD_US	(86400 * INT64_C(1000000))

int64_t	 stray_past(int64_t us, int64_t now_us);

/*
 * When a history was archived: by its signed header, in which whoever holds a
 * .push key can write any time, but hardly later than it is listed: a second
 * and a clock tick.  "listed_us", of whole seconds, is INT64_MAX if that time
 * is not known.
 */
int64_t	 stray_began(int64_t header_us, int64_t listed_us, int64_t now_us);

/* Where two lines part. */
struct stray_fork {
	uint32_t	 parent;	/* the last timeline of both; 0: none */
	uint64_t	 lsn;		/* WAL before it is on both lines */
	uint32_t	 child;		/* on the chosen line, what begins
					 * there; "parent" itself if the other
					 * line left it */
};

/*
 * Where the lines of "chosen" and "other" part.  A timeline whose history is
 * not in the set has only itself on its line: "parent" and "lsn" are 0 then,
 * and "child" is "chosen".
 */
struct stray_fork stray_fork(const struct lineage_set *, uint32_t chosen,
	    uint32_t other);

/*
 * Whether the backup started after a line began that does not contain it, so
 * that the backup's own line went on.  A beginning that is not known is taken
 * as long ago.
 */
int	 stray_is_later(const struct lineage_backup *, int64_t began_us);

/* A line beside the chosen one.  All times are in us since 1970. */
struct stray_line {
	uint32_t	 tli;
	struct stray_fork fork;
	int64_t		 began_us;	/* when the chosen line began: when the
					 * history of fork.child was archived */
	const struct lineage_backup *newest;	/* behind the fork, or NULL */
	int64_t		 commit_us;	/* the newest commit behind the fork */
	int64_t		 fork_us;	/* the newest commit before the fork */
	int64_t		 first_us;	/* the first commit behind it */
};

enum stray_why {
	STRAY_ENDED,		/* it does not go on */
	STRAY_SHARED,		/* the target lies before the fork, or before
				 * the first commit behind it */
	STRAY_BACKUP,		/* a backup on it started after the chosen line
				 * began */
	STRAY_COMMITS,		/* its commits are newer than the chosen line's
				 * newest, and than its beginning */
	STRAY_TIME		/* the target time lies behind the fork, and
				 * before the chosen line began */
};

/*
 * Whether line "l" goes on beside the chosen one, or holds the target alone.
 * "commit_us" is the newest commit of the chosen line.  An unknown time of
 * the chosen line's beginning is taken as long ago; an unknown commit is
 * taken as none.  LSNs are not compared: two lines write at their own pace.
 */
enum stray_why stray_judge(const struct stray_line *l, int64_t commit_us,
	    const struct choose_target *);

/*
 * Whether a line that goes on stops this restore.  It does unless the user
 * named the timeline, or asked for the end of a backup, for which all WAL
 * lies on the backup's own timeline.
 */
int	 stray_refuses(enum stray_why, const struct choose_target *);

#endif /* PLAN_STRAY_H */
