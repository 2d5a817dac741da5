/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_REACHSCAN_H
#define RESTORE_REACHSCAN_H

#include "plan/choose.h"
#include "restore/basefetch.h"

/*
 * Whether PostgreSQL will find a target time, LSN or transaction before the end
 * of the archive, by reading the newest WAL of the line (plan/reach.h).
 * Otherwise recovery would fail at its end, after hours: "recovery ended
 * before configured recovery target was reached".
 *
 * A few segments are read, from the newest back, until one holds a record
 * behind the target; that is nearly always the first.  A transaction is
 * looked for in all WAL from the backup on if these few are all of it.  The
 * archive's key must be a .restore key.
 */

/*
 * Read, and set p->reach and p->verdict.  ERR_ABSENT, with what can be done
 * instead, if the target is not reached for certain.  With REACH_DOUBT the
 * caller warns.  Does nothing for other targets.
 */
int	 reachscan_check(struct basefetch_plan *p,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The cure in words, to follow a semicolon: basefetch_instead(), and a target
 * that restores the same rows.  Returns "buf".
 */
#define REACHSCAN_TEXT	320
const char *reachscan_cure(char buf[REACHSCAN_TEXT],
	    const struct basefetch_plan *p, const struct choose_target *);

/*
 * Raise *ended_us to the time at which the latest transaction ended in what was
 * streamed behind the archived WAL, if that is later.
 */
int	 reachscan_streamed(const struct basefetch_plan *p,
	    int64_t *ended_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_REACHSCAN_H */
