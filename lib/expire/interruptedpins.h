/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_INTERRUPTEDPINS_H
#define EXPIRE_INTERRUPTEDPINS_H

#include "expire/expire_state.h"

/*
 * For expiry: pins whose change was interrupted.  They lie aside (pinaside.h)
 * and keep their backups as if they were in their place.
 */

/*
 * Look for such pins in all of x->dir.  Returns 0; 1 if a backup that was to
 * expire turns out to be pinned, which x->backup says then: decide again; or
 * -1.
 */
int	 interruptedpins_look(struct expire *x, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Put those that were found back into their places. */
int	 interruptedpins_put_back(const struct expire *x, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_INTERRUPTEDPINS_H */
