/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_LISTEDWAL_H
#define VERIFY_LISTEDWAL_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: what listings show of WAL.  All return 0, or -1 if
 * reporting failed.
 */

/* Timelines that have no history file and need one. */
int	 listedwal_histories(const struct verifyset *set,
	    struct verifyreport *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * WAL files of an impossible size, which are marked bad, and gaps; set->left
 * grows by the sizes of the other files.
 */
int	 listedwal_check(struct verifyset *set, struct archive *,
	    struct verifyreport *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_LISTEDWAL_H */
