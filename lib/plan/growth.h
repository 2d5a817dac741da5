/* SPDX-License-Identifier: ISC */
#ifndef PLAN_GROWTH_H
#define PLAN_GROWTH_H

#include <stddef.h>
#include <stdint.h>

#include "plan/retention_policy.h"

/*
 * How long a repository has room, by what backups and WAL added to it.  Pure:
 * no files, no clock.
 *
 * What counts is the net growth.  A repository grows by all that is stored
 * until expiry begins to delete: when there are as many backups as the policy
 * keeps, or the oldest one is as old as its window.  From then on as much goes
 * as comes, and it grows only if more is stored now than was stored then.
 * Without a policy it grows for ever.
 *
 * Beside the policy keep_daily and its like keep backups for longer.  So after
 * that it still grows by one backup in each such period, until as many periods
 * are kept as are asked for.
 *
 * A rate is what a median backup stored, in the median time between two of
 * them, and WAL.  The oldest backup that is left does not count for it: the
 * first backup of all is one that stored everything.
 */
#define GROWTH_LEAST	5	/* with fewer backups nothing is known */
#define GROWTH_MOST	64	/* only so many are looked at, the newest */
#define GROWTH_NEVER	UINT64_MAX

struct growth_backup {
	int64_t		 at_us;		/* when it ended */
	uint64_t	 stored;	/* bytes that were stored for it */
};

struct growth {
	const struct growth_backup *v;	/* in the order of their times */
	size_t		 n;		/* that count */
	uint64_t	 wal;		/* bytes of WAL since the oldest */
	int64_t		 now_us;
	uint64_t	 free;		/* bytes */
	struct retention_policy	 policy;
};

/*
 * The days until there is no room, into *days, or GROWTH_NEVER.  Returns 1, or
 * 0 if that is not known: there are fewer than GROWTH_LEAST backups, or they
 * are of less than a day.
 */
int	 growth_days(const struct growth *, uint64_t *days)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PLAN_GROWTH_H */
