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
 * xlogrecovery.c): for each segment number the timelines on the target's
 * line, newest first, leaving out those that begin in a later segment; the
 * first file that is there is read.  So the segment with the point where a
 * timeline began is read from that timeline's own file, which begins with a
 * copy of what its parent wrote (XLogInitNewTimeline in xlog.c), though the
 * parent may have archived a complete one too, or a .partial that recovery
 * never asks for.
 *
 * Hence each segment number on a line has exactly one file that holds all of
 * it: that of the newest timeline which begins in it or before.  If it is
 * absent PostgreSQL would take an ancestor's file of the same number and
 * replay, after the switch point, what never happened on this line.  Here
 * that is a gap, and WAL reaches to the switch point only.  (Switch points
 * may go back, see pg/history.h; a timeline of which nothing counts is never
 * the newest.)
 *
 * A set holds segments as runs, so that it stays small.  Fill it in any
 * order (ascending is cheap), then settle it once:
 *
 *	struct coverage_set set = { 0 };
 *
 *	coverage_add(&set, tli, segno, e) ...
 *	coverage_settle(&set);
 */
struct coverage_run {
	uint32_t	 tli;
	uint64_t	 first, last;	/* segment numbers, both included */
};

struct coverage_set {
	struct coverage_run	*v;	/* owned; sorted once settled */
	size_t			 n, room;
};

/* A complete segment is there.  ERR_LOCAL if memory is short. */
int	 coverage_add(struct coverage_set *, uint32_t tli, uint64_t segno,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 coverage_settle(struct coverage_set *);
void	 coverage_set_free(struct coverage_set *);

/* Whether a settled set has the segment. */
int	 coverage_has(const struct coverage_set *, uint32_t tli,
	    uint64_t segno);

struct coverage {
	int		 any;		/* the first segment is there */
	uint32_t	 tli;		/* last file before the first gap */
	uint64_t	 last;		/* and its number; if "any" */
	uint64_t	 end;		/* LSN: all before it is there */
	struct coverage_run *gap;	/* owned; files that are missing */
	size_t		 ngap;		/* although later ones are there */
};

/*
 * Follow the line of "target" from segment "segno" of timeline "tli" to the
 * last archived segment.  What is missing at the far end is no gap: it was
 * not archived yet.  "set" must be settled.  Returns 0, 1 if the segment is
 * not on that line, or -1 (ERR_LOCAL) if memory is short; "out" is set only
 * on 0, and released by coverage_free().
 */
int	 coverage_follow(const struct coverage_set *set,
	    const struct history *target, uint32_t segsize, uint32_t tli,
	    uint64_t segno, struct coverage *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 coverage_free(struct coverage *);

#endif /* PLAN_COVERAGE_H */
