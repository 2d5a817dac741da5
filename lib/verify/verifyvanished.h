/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYVANISHED_H
#define VERIFY_VERIFYVANISHED_H

#include <stddef.h>

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyitem.h"

/*
 * For a verification: what was listed and is not there when it is looked at.
 * Expiry may have been at work meanwhile, so that is told at the end, if
 * something that is still in the repository needs it.
 */
struct verifyvanished_object;

struct verifyvanished {
	struct verifyvanished_object *v;	/* owned */
	size_t			 n;
};

/* Remember it. */
int	 verifyvanished_add(struct verifyvanished *,
	    const struct verifyitem *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Look at the repository again, if there was any, and tell.  ERR_ABSENT if
 * the one backup "id" that was to be verified is no longer there.
 */
int	 verifyvanished_report(const struct verifyvanished *, struct archive *,
	    struct verifyreport *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));
void	 verifyvanished_free(struct verifyvanished *);

#endif /* VERIFY_VERIFYVANISHED_H */
