/* SPDX-License-Identifier: ISC */
#ifndef PLAN_EXPIRYGAP_H
#define PLAN_EXPIRYGAP_H

#include <stddef.h>
#include <stdint.h>

#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * Gaps in WAL that expiry made on purpose, and that are no damage
 * (lib/FORMAT.md, 10).  Pure: no files, no clock.
 *
 * Expiry keeps of a pinned backup the WAL from its start to its stop, and
 * deletes what lies behind, up to its floor.  So the gap begins with the
 * segment behind the stop of a pinned backup.  Where it ends is known in two
 * ways:
 *
 *   - A backup began there.  Its label says so, or its .backup file, which
 *     stays as long as the WAL behind it.
 *   - A push may be under way, or was interrupted, and nothing but WAL of
 *     pinned backups is left before the end of the gap.  Beside such a push
 *     expiry keeps the WAL from the last backup before it on, and may let that
 *     backup go.  If it was taken from a standby, nothing says where it began:
 *     a standby writes no .backup file.
 */
struct expirygap {
	const struct coverage_set *wal;	/* settled */
	uint32_t		 segsize;	/* bytes */
	const struct lineage_backup *pinned;	/* all that are pinned */
	size_t			 n;
	int			 pushing;	/* a push may be under way, or
						 * was interrupted */
};

/*
 * Whether the gap of segments "first" to "last" on this line is one of those.
 * "begun": a backup began with the segment behind "last".
 */
int	 expirygap_is(const struct expirygap *, const struct history *line,
	    uint64_t first, uint64_t last, int begun)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether WAL is missing from the segment behind a backup's last one on, or
 * behind a pinned backup further on, and later WAL is there: on its timeline or
 * on one that it leads to.  Behind a pinned backup expiry makes such a gap.
 * "wal" must be settled.  Returns 1, 0, or -1 (ERR_LOCAL) if memory is short.
 */
int	 expirygap_behind(const struct expirygap *,
	    const struct lineage_set *, const struct lineage_backup *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PLAN_EXPIRYGAP_H */
