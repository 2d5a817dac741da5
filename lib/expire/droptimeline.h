/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_DROPTIMELINE_H
#define EXPIRE_DROPTIMELINE_H

#include "expire/expire_state.h"
#include "expire/sweep.h"

/*
 * For expiry: deleting a whole timeline, conf->timeline.  Without one these
 * functions do nothing.
 *
 * The order is: labels of its backups are withdrawn, and what was theirs goes,
 * as with any backup; then its WAL; then its history file; then its folder.
 * So a run that dies leaves no backup without its WAL, and while anything is
 * left that a run must still delete, the history file stands: PostgreSQL gives
 * the number to no other timeline, and the same command ends the work.
 */

/*
 * Read the commits of the lines beside it, if it is the latest and the key can
 * read WAL; sets x->nstray.
 */
int	 droptimeline_look(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether it may go, see expire_plan(). */
int	 droptimeline_check(const struct expire *x, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove all of its WAL. */
int	 droptimeline_wal(const struct expire *x, struct sweep *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Remove its history file, and its folder if that is empty. */
int	 droptimeline_history(const struct expire *x, struct sweep *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_DROPTIMELINE_H */
