/* SPDX-License-Identifier: ISC */
#ifndef PLAN_REACH_H
#define PLAN_REACH_H

#include <stdint.h>

#include "plan/choose.h"

/*
 * Whether the WAL of a line ends before a target.  Pure: no files, no clock.
 *
 * PostgreSQL reports that it has reached a target only at a record behind it
 * (recoveryStopsBefore() and recoveryStopsAfter() in xlogrecovery.c), and
 * fails at the end of WAL otherwise:
 *
 *   - A time, at the first end of a transaction (commit or abort, prepared or
 *     not) that is later, or with --target-exclusive not earlier.  Restore
 *     points and checkpoints do not count.
 *   - An LSN, at the first record that begins there or behind it, whether it
 *     is to be included or not.
 *   - A transaction, at its own end; never at a subtransaction.
 */
#define REACH_NEVER	INT64_MIN

/* What was read of the WAL, from its end backwards. */
struct reach {
	int64_t		 ended_us;	/* the latest end of a transaction that
					 * was found, or REACH_NEVER */
	uint64_t	 ended_lsn;	/* where the last such record begins,
					 * which may be another one */
	uint64_t	 record_lsn;	/* where the last record of all begins;
					 * 0: not known */
	uint32_t	 next_xid;	/* no transaction had this number or a
					 * higher one, in its lower 32 bits; 0:
					 * not known */
	uint32_t	 oldest_xid;	/* all before this number had ended at
					 * the last list of what ran; 0: not
					 * known */
	int		 found;		/* the end of the target's transaction
					 * was found */
	int		 perhaps;	/* one was found that may be it */
	int		 sure;		/* no later one was missed */
	int		 all;		/* back to the backup's start */
};

enum reach_verdict {
	REACH_DOUBT,		/* not found, but it may exist */
	REACH_YES,
	REACH_NO		/* recovery ends before the target */
};

/* REACH_YES for a target of which nothing is known. */
enum reach_verdict reach_judge(const struct reach *,
	    const struct choose_target *);

/* What to do instead where the target is not reached. */
enum reach_cure {
	REACH_CURE_END,		/* leave the target out */
	REACH_CURE_LSN,		/* or: stop behind the record that is last,
				 * "ended_lsn" for a time, "record_lsn" for an
				 * LSN */
	REACH_CURE_IMMEDIATE	/* or: stop at the backup's end, since no
				 * transaction ended behind it */
};

/*
 * The cure for a REACH_NO with the backup that ended at "stop_lsn".  All of
 * them restore the same rows; all but REACH_CURE_END stop there, too.
 */
enum reach_cure reach_cure(const struct reach *,
	    const struct choose_target *, uint64_t stop_lsn);

#endif /* PLAN_REACH_H */
