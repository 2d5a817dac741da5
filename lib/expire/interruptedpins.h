/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_INTERRUPTEDPINS_H
#define EXPIRE_INTERRUPTEDPINS_H

#include "expire/expire_state.h"

/*
 * For expiry: pins whose change was broken off lie aside, and hold as if they
 * were in their place.
 */

/*
 * Look for them in all of x->dir.  Returns 1 if a backup that was to expire
 * is pinned by one, which x->backup then says: decide again.
 */
int	 interruptedpins_look(struct expire *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Put those back that were found. */
int	 interruptedpins_put_back(const struct expire *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_INTERRUPTEDPINS_H */
