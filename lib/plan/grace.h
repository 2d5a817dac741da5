/* SPDX-License-Identifier: ISC */
#ifndef PLAN_GRACE_H
#define PLAN_GRACE_H

#include <stdint.h>

/*
 * How long something has lain in a repository.  Pure: no files, no clock.
 *
 * Whoever holds a .push key can add labels, histories and WAL that are
 * authentic and worthless, with whatever times in them.  What cannot be made
 * up is since when they have lain there, by the repository's own clock.  So
 * what came within the grace is young, and a young thing makes nothing go
 * (retention.h).
 */

/* A time that is not known, or a thing that is missing: always young. */
#define GRACE_UNKNOWN	INT64_MAX

struct grace {
	int64_t	 now_us;	/* by the repository's clock */
	int64_t	 us;		/* how long; 0: nothing is young */
};

/*
 * The time "seconds" of a listing in microseconds.  A listing that says 1970,
 * or earlier, says nothing: GRACE_UNKNOWN.
 */
int64_t	 grace_time(int64_t seconds);

/*
 * Whether something is young that has lain in the repository since "here_us".
 * A time in the future is young, since then some clock is wrong.
 */
int	 grace_is_young(const struct grace *, int64_t here_us)
	    __attribute__((nonnull));

/*
 * When it is not young any more, or GRACE_UNKNOWN if that is not known.
 */
int64_t	 grace_end(const struct grace *, int64_t here_us)
	    __attribute__((nonnull));

#endif /* PLAN_GRACE_H */
