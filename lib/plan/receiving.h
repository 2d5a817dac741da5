/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVING_H
#define PLAN_RECEIVING_H

#include <stdint.h>

#include "plan/health.h"

/*
 * Whether a receiver of WAL keeps up.  Pure: no files, no clock.
 *
 * As with archiving the age of what was received last says nothing: a server
 * without writes sends nothing.  What counts is WAL that was written and is not
 * acknowledged, and whether a receiver is connected that could take more.
 *
 * Times are in microseconds since 1970 by the server's clock, or
 * RECEIVING_NEVER.
 */
#define RECEIVING_NEVER	INT64_MIN

struct receiving {
	int64_t		 now_us;
	int64_t		 started_us;	/* when the server started */
	int		 active;	/* a receiver is connected */
	int64_t		 inactive_us;	/* since when none is, if known */
	int64_t		 stored_us;	/* when the repository last got any
					 * WAL, if known */
	uint64_t	 waits;		/* bytes that are not acknowledged */
	uint64_t	 lag_us;	/* how long the receiver that is
					 * connected takes to acknowledge */
};

/*
 * For how many seconds WAL has not been received, into *seconds: by what the
 * receiver takes; or, if none is connected, since it left, or else, where WAL
 * waits, since the repository got some, but no longer than the server has run.
 * Times later than now are ignored.  Returns 1; or 0 if it cannot be known,
 * with *seconds 0.
 */
int	 receiving_seconds(const struct receiving *, uint64_t *seconds)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The status of the receiver.  That none is connected is at least a warning,
 * unless the server has just started: receivers come back within
 * RECEIVING_RETURN seconds.
 */
#define RECEIVING_RETURN	40

enum health receiving_judge(const struct receiving *,
	    const struct health_limits *) __attribute__((nonnull));

#endif /* PLAN_RECEIVING_H */
