/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLTARGET_H
#define DRILL_DRILLTARGET_H

#include "drill/drillconf.h"

/*
 * Whether recovery ended exactly where it was to end, by r->lsn, r->commit_us
 * and what PostgreSQL logged ("recovery stopping ..."): set the line TARGET.
 * PostgreSQL opens the database where WAL cannot be read any more, too, so for
 * the end of WAL the last position must lie in the last segment that the plan
 * knows.  Pure.
 */
void	 drilltarget_judge(struct drillreport *r, const struct drillconf *)
	    __attribute__((nonnull));

/*
 * Behind which LSN recovery must have come, where WAL ends at "end": the
 * beginning of that segment, where recovery ends without it; or of the one
 * before, if all that "end" has of it is its first page, which may hold no more
 * than the rest of a record.
 */
uint64_t drilltarget_least(uint64_t end, uint32_t segsize);

#endif /* DRILL_DRILLTARGET_H */
