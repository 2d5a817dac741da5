/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYVANISHED_H
#define VERIFY_VERIFYVANISHED_H

#include "verify/verifyresults.h"

/*
 * For a verification: what was listed and is not there when it is looked at.
 * Expiry may have been at work meanwhile, so that is told at the end, if
 * something that is still in the repository needs it.
 */

/* Remember it. */
int	 verifyvanished_add(struct verifyresults *, const struct verifywork_item *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Look at the repository again, if there was any, and tell.  ERR_ABSENT if
 * the one backup "id" that was to be verified is no longer there.
 */
int	 verifyvanished_tell(struct verifyresults *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

#endif /* VERIFY_VERIFYVANISHED_H */
