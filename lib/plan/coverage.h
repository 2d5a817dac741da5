/* SPDX-License-Identifier: ISC */
#ifndef PLAN_COVERAGE_H
#define PLAN_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/history.h"

/*
 * How far the archived WAL reaches.  Pure: no files, no clock.
 *
 * What recovery asks for (XLogFileReadAnyTLI in PostgreSQL's
 * xlogrecovery.c): for each segment number it tries the timelines on the
 * target's line, newest first, and skips those that begin in a later segment.
 * It reads the first file that it finds.  So it reads the segment in which a
 * timeline began from that timeline's own file, which begins with a copy of
 * what its parent wrote (XLogInitNewTimeline in xlog.c).  The parent may have
 * archived a complete file of that number too, or a .partial one, for which
 * recovery never asks.
 *
 * Hence each segment number on a line has exactly one file that holds all of
 * it: that of the newest timeline that begins in this segment or before.  If
 * that file is missing, PostgreSQL takes an ancestor's file of the same
 * number, and replays behind the switch point what never happened on this
 * line.  Here that counts as a gap, and the WAL reaches to the switch point
 * only.  (Switch points may go back, see pg/history.h; a timeline of which
 * nothing counts is never the newest.)
 */
struct coverage_run {
	uint32_t	 tli;
	uint64_t	 first, last;	/* segment numbers, both included */
};

/*
 * The complete segments of an archive.  They are kept as runs, so a set stays
 * small.  Add them in any order (ascending is cheap), then settle the set:
 *
 *	struct coverage_set set = { 0 };
 *
 *	coverage_add(&set, tli, segno, e) ...
 *	coverage_settle(&set);
 *	coverage_follow(&set, ...) ...
 *	coverage_set_free(&set);
 */
struct coverage_set {
	struct coverage_run	*v;	/* owned; once settled: sorted, and
					 * no two runs touch */
	size_t			 n, room;
};

/*
 * Add a segment, or all of a run; they may be in the set already.  ERR_LOCAL if
 * memory is short.
 */
int	 coverage_add(struct coverage_set *, uint32_t tli, uint64_t segno,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 coverage_add_run(struct coverage_set *, const struct coverage_run *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 coverage_settle(struct coverage_set *);
void	 coverage_set_free(struct coverage_set *);

/* Whether the segment is in a settled set. */
int	 coverage_has(const struct coverage_set *, uint32_t tli,
	    uint64_t segno);

/*
 * Whether all segments from "first" to "last", which is not lower, are in a
 * settled set.  If not, *missing is the lowest that is not.
 */
int	 coverage_has_all(const struct coverage_set *, uint32_t tli,
	    uint64_t first, uint64_t last, uint64_t *missing)
	    __attribute__((nonnull));

struct coverage {
	int		 any;		/* WAL of the first segment is there;
					 * else "tli" and "last" mean nothing */
	uint32_t	 tli;		/* timeline and number of the last */
	uint64_t	 last;		/* file before the first gap */
	uint64_t	 end;		/* LSN: all WAL before it is there */
	struct coverage_run *gap;	/* owned; files that are missing */
	size_t		 ngap;		/* although later ones are there */
};

/* After so many gaps no more is looked for; there may be a few more. */
#define COVERAGE_GAPS_MAX	256

/*
 * Follow the line of timeline "target" from segment "segno" of timeline "tli"
 * to the last archived segment.  What is missing behind that is no gap: it
 * was not archived yet.  "set" must be settled; "segsize" is in bytes.
 *
 * Returns 0; 1 if no byte of that segment is on the line; or -1 (ERR_LOCAL)
 * if memory is short.  "out" is set on 0 only, and released by
 * coverage_free().
 */
int	 coverage_follow(const struct coverage_set *set,
	    const struct history *target, uint32_t segsize, uint32_t tli,
	    uint64_t segno, struct coverage *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 coverage_free(struct coverage *);

#endif /* PLAN_COVERAGE_H */
