/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLAMCHECK_H
#define DRILL_DRILLAMCHECK_H

#include "drill/drilldbs.h"

/*
 * Look for every row in every B-tree index, and at every table, of all
 * databases, in conf->jobs streams.  Fails as drillcheck_open().
 */
int	 drillamcheck(const struct drillcheck *, const struct drilldbs *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLAMCHECK_H */
