/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_HOLD_H
#define RESTORE_RESTORE_HOLD_H

#include "restore/restore_conf.h"

/*
 * The directories that a restore holds: the data directory and those of the
 * linked tablespaces are marked as incomplete and locked, so that no other
 * restore works there, and PostgreSQL does not start there.
 *
 *	if (restore_hold_new(&h, conf, e))
 *		return (-1);
 *	if (restore_hold_begin(h, e) ||		mark and lock
 *	    restore_hold_take(h, e) ||		put pg_control aside
 *	    ... restore the files ... ||
 *	    restore_hold_finish(h, e))		remove the marks
 *		restore_hold_abandon(h, changed, e);
 *	restore_hold_free(h);			unlock
 */
struct restore_hold;

/* "conf" is borrowed. */
int	 restore_hold_new(struct restore_hold **,
	    const struct restore_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make the directories if needed, mark and lock them; without "delta" also
 * remove what an interrupted restore has left in them.  ERR_CONFIG for what
 * restore_check() refuses, and where another restore is at work.
 */
int	 restore_hold_begin(struct restore_hold *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Before a delta restore changes anything: put the pg_control of the cluster
 * aside (see deltadir_take()).  Does nothing without "delta".
 */
int	 restore_hold_take(struct restore_hold *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether a restore that was interrupted had marked the data directory. */
int	 restore_hold_resumes(const struct restore_hold *)
	    __attribute__((nonnull));

/* Remove the pg_control that was put aside: there is no way back then. */
int	 restore_hold_forget(struct restore_hold *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the marks, durably, that of the data directory last. */
int	 restore_hold_finish(struct restore_hold *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * After a failure that "e" describes, before pg_control is removed: make again
 * the marks that restore_hold_finish() removed.  If one cannot be made, "e"
 * says so as well.
 */
void	 restore_hold_mark_again(const struct restore_hold *, struct err *)
	    __attribute__((nonnull));

/*
 * After a failure that "e" describes: put back what was there, unless
 * something of it was "changed", and add to "e" what the failure leaves.
 */
void	 restore_hold_abandon(struct restore_hold *, int changed,
	    struct err *) __attribute__((nonnull));

/* Unlock; the marks stay where they are.  NULL is fine. */
void	 restore_hold_free(struct restore_hold *);

#endif /* RESTORE_RESTORE_HOLD_H */
