/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLPAGES_H
#define DRILL_DRILLPAGES_H

#include "drill/drillreport.h"

/*
 * Verify the checksum of every page of all relations in the data directory
 * "data", whose server was shut down, and set the line PAGES.  Skipped if the
 * cluster has no data checksums.  ERR_LOCAL if a file cannot be read.
 */
int	 drillpages(struct drillreport *, const char *data, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLPAGES_H */
