/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_LISTEDWAL_H
#define VERIFY_LISTEDWAL_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: report what listings show of WAL.  These functions
 * return 0, or -1 if the report's caller wants to stop.
 */

/* Report timelines that need a history file and have none. */
int	 listedwal_histories(struct verifyset *set,
	    struct verifyreport *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Report gaps, and WAL files of an impossible size, which are marked bad;
 * set->left grows by the sizes of the others.
 */
int	 listedwal_check(struct verifyset *set, struct archive *,
	    struct verifyreport *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_LISTEDWAL_H */
