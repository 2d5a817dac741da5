/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLDUMPALL_H
#define DRILL_DRILLDUMPALL_H

#include "drill/drilldbs.h"

/*
 * Dump the roles and all databases to nowhere, conf->jobs of them at a time.
 * Fails as drillcheck_open().
 */
int	 drilldumpall(const struct drillcheck *, const struct drilldbs *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLDUMPALL_H */
