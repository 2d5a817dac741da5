/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYMARKER_H
#define VERIFY_VERIFYMARKER_H

#include "repo/archive.h"
#include "verify/verifyreport.h"

/*
 * The marker.  Returns 0; 1 if it is damaged, or gone although other things
 * are there, and that was told; or -1.
 */
int	 verifymarker_check(struct archive *, struct verifyreport *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYMARKER_H */
