/* SPDX-License-Identifier: ISC */
#ifndef TEST_EXPIRERUN_H
#define TEST_EXPIRERUN_H

#include "expire/expire.h"
#include "repo/archive.h"

/*
 * What backup-expire does in one cluster: load the catalogue, plan, and run.
 * Returns 0 or -1.
 */
int	 expirerun(struct archive *a, const struct expire_conf *conf,
	    struct expire_result *r, struct err *e);

#endif /* TEST_EXPIRERUN_H */
