/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYGONE_H
#define REPO_VERIFYGONE_H

#include "repo/verifydone.h"

/*
 * For a verification: what was listed and is not there when it is looked at.
 * Expiry may have been at work meanwhile, so that is told at the end, if
 * something that is still in the repository needs it.
 */

/* Remember it. */
int	 verifygone_add(struct verifydone *, const struct verifywork_item *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Look at the repository again, if there was any, and tell.  ERR_ABSENT if
 * the one backup "id" that was to be verified is no longer there.
 */
int	 verifygone_tell(struct verifydone *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

#endif /* REPO_VERIFYGONE_H */
