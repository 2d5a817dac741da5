/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRECHOSEN_H
#define EXPIRE_EXPIRECHOSEN_H

#include "expire/expire_state.h"

/* For expiry: the backups that somebody asked to delete, conf->gone. */

/* Whether backup "id" is among them. */
int	 expirechosen_named(const struct expire_conf *, const char *id)
	    __attribute__((nonnull));

/*
 * Check that they may go, by x->backup and x->fed.  Fails with ERR_ABSENT or
 * ERR_USAGE, see expire_plan(); returns 0 if nobody asked for a deletion.
 */
int	 expirechosen_check(const struct expire *x, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_USAGE if fewer than minimum_redundancy backups would remain. */
int	 expirechosen_rest(const struct expire *x, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_EXPIRECHOSEN_H */
