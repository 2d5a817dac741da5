/* SPDX-License-Identifier: ISC */
#ifndef REPO_EXPIREASIDE_H
#define REPO_EXPIREASIDE_H

#include "repo/expire_state.h"

/*
 * For expiry: pins whose change was broken off lie aside, and hold as if they
 * were in their place.
 */

/*
 * Look for them in all of x->dir.  Returns 1 if a backup that was to expire
 * is pinned by one, which x->backup then says: decide again.
 */
int	 expireaside_look(struct expire *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Put those back that were found. */
int	 expireaside_put_back(const struct expire *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REPO_EXPIREASIDE_H */
