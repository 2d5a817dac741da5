/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_WALSWEEP_H
#define EXPIRE_WALSWEEP_H

#include "expire/sweep.h"
#include "plan/retention.h"

/*
 * For expiry: remove the WAL of a timeline below the segment number "floor",
 * except for segments on an island of the plan: segments, their .partial and
 * .backup files, their open objects, and folders that become empty.  A floor
 * of 0 removes nothing.  History files, and names that are not PostgreSQL's,
 * stay.  The timeline's folder must have been listed as a directory
 * (walindex_timeline.dir).
 */
int	 walsweep_run(struct sweep *, const struct retention_wal *plan,
	    uint32_t tli, uint64_t floor, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_WALSWEEP_H */
