/* SPDX-License-Identifier: ISC */
#ifndef PLAN_SIMULATE_H
#define PLAN_SIMULATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/retention.h"

/*
 * What expiry would keep on each of the coming days.  Pure: no files, no
 * clock, no network.
 *
 * It is assumed that backups go on as they came lately, each as long after the
 * one before as the median of the last gaps between them; that each comes to
 * the repository when it ends, and claims the one before; that expiry runs
 * once a day, at the time of day that is now; and that nothing else happens:
 * timelines, and what the caller holds, stay as they are.
 */
#define SIMULATE_DAYS	3660		/* at most */
#define SIMULATE_DAY	UINT64_C(86400000) /* milliseconds */

struct simulate_input {
	const struct retention_input *now;	/* as for retention_judge() */
	const int64_t	*pinned_until;	/* of each backup; INT64_MAX: for ever,
					 * or it is not pinned */
	const int	*marked;	/* the WAL behind each has gone */
	uint64_t	 days;		/* 1 to SIMULATE_DAYS */
};

/* How often backups came. */
struct simulate_rate {
	int64_t		 every_us;	/* at least an hour; 0: not known */
	size_t		 gaps;		/* between so many pairs */
};

/*
 * From the last SIMULATE_GAPS gaps between the backups that are whole and
 * whose clock is right, to the hour, or to the minute if it is below half a
 * day.  Not known of fewer than two backups: then no more are assumed.
 */
#define SIMULATE_GAPS	9
int	 simulate_rate(const struct retention_input *, struct simulate_rate *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

struct simulate_day {
	uint64_t	 day;		/* 0: now */
	int64_t		 us;
	/* The backups of that day, also those that go then, and of each: */
	const struct retention_backup *v;
	const struct retention_verdict *verdict;
	const int	*assumed;	/* it is not there yet */
	const int	*changed;	/* it is new, it goes, or another
					 * reason keeps it than the day
					 * before */
	size_t		 n, nkept;
	int64_t		 from_us;	/* any point of the latest timeline
					 * since; INT64_MAX: none */
};

/* Fails as it describes in its last argument. */
typedef int	 simulate_each(void *arg, const struct simulate_day *,
		    struct err *);

/*
 * Call "each" for now and for each of the days.  ERR_LOCAL if memory is short;
 * fails as "each" does.
 */
int	 simulate_run(const struct simulate_input *, simulate_each *each,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* PLAN_SIMULATE_H */
