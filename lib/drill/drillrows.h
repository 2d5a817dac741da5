/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLROWS_H
#define DRILL_DRILLROWS_H

#include "drill/drilldbs.h"

/*
 * Compare with the earlier drill that got furthest, but not as far as this one:
 * a table that had rows and has none, or is gone, is a finding.  Whether a
 * table has a row is asked of the table; how many there are in all is
 * PostgreSQL's estimate.  Partitions count as their table, and what is unlogged
 * or temporary does not.
 *
 * What was found is kept for later drills (rowsfile.h) unless only some
 * databases were restored.  Fails as drillcheck_open().
 */
int	 drillrows(const struct drillcheck *, const struct drilldbs *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLROWS_H */
