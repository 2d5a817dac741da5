/* SPDX-License-Identifier: ISC */
#ifndef PLAN_OPENLINE_H
#define PLAN_OPENLINE_H

#include <stddef.h>
#include <stdint.h>

#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * What open objects (lib/FORMAT.md, 14) add to the end of a line of timelines,
 * by listings and histories.  Pure: no files, no clock.  wal-fetch decides in
 * the same way, by what it lists at that moment.
 */
struct openline_segment {
	uint32_t	 tli;
	uint64_t	 segno;
};

struct openline_input {
	const struct openline_segment *v;	/* with open objects */
	size_t		 n;
	const struct coverage_set *wal;		/* settled */
	struct lineage_set lines;
	int		 guessed;	/* the lines are a guess */
	uint32_t	 latest;	/* the highest timeline that is known */
	uint32_t	 segsize;	/* bytes */
};

/*
 * Whether the segment in which the complete WAL of line "tli" ends, at LSN
 * "end", has open objects of that timeline, and is missing itself.
 */
int	 openline_goes_on(const struct openline_input *, uint32_t tli,
	    uint64_t end) __attribute__((nonnull));

/*
 * Whether another timeline came from timeline "tli", anywhere but at LSN "end":
 * then no part of a segment counts that was streamed of it up to there.  If the
 * lines are a guess every higher one may have.
 */
int	 openline_is_left(const struct openline_input *, uint32_t tli,
	    uint64_t end) __attribute__((nonnull));

/*
 * Whether recovery may end at LSN "end" of timeline "tli", so that what was
 * streamed of that segment counts: nothing of a later one is there, and the
 * timeline was not left.
 */
int	 openline_may_end(const struct openline_input *, uint32_t tli,
	    uint64_t end) __attribute__((nonnull));

/*
 * Whether something behind the segment in which WAL of timeline "tli" ends, at
 * LSN "end", was streamed.  Then that segment is missing.
 */
int	 openline_is_gap(const struct openline_input *, uint32_t tli,
	    uint64_t end) __attribute__((nonnull));

#endif /* PLAN_OPENLINE_H */
