/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKDEEP_H
#define CHECK_CHECKDEEP_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The check "deep", as backup-check(1) has it: end a segment, wait until the
 * repository has it, read it back and compare it.  With a .restore key that is
 * its content, with any other one its signature and the signed hash.  ERR_LOCAL
 * if memory is short.
 */
int	 checkdeep_run(const struct checkfacts *, struct checkreport *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_CHECKDEEP_H */
