/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/check_conf.h"
#include "check/checkreport.h"

/*
 * Run the checks of one server in one repository.  Whatever is wrong with the
 * server, with its repository or with the way to them is a result of a check.
 *
 * *report must have been zeroed, except for the results of the checks "config"
 * and "keys", which are the caller's.  It borrows conf->limits.  A check that
 * is not wanted, or is not for this host, has no result, nor has "lag", which
 * the caller judges (checklag.h).  ERR_LOCAL if memory is short; the report
 * then has some of the results.
 */
int	 check_run(struct checkreport *report, const struct check_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_CHECK_H */
