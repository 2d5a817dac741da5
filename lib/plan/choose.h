/* SPDX-License-Identifier: ISC */
#ifndef PLAN_CHOOSE_H
#define PLAN_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/lineage.h"

/*
 * Which backup to begin with, and which timeline to follow.  Pure: no files,
 * no clock.  Whether archived WAL then reaches the target, coverage.h says.
 *
 * A cluster is consistent only once it was rolled forward to the end of its
 * backup; recovery cannot stop earlier.  So the choice is the newest backup
 * that lies on the line of the target timeline and ended before the target:
 * for a time, stop time < target (a commit at that very moment may be older
 * or newer than the stop); for an LSN, stop LSN <= target, whether the record
 * there is to be included or not.
 *
 * A transaction id or a restore point says nothing about where it lies.  The
 * newest backup on the line is taken unless the user names an earlier one,
 * which must be done if the target is older than that; PostgreSQL then says
 * that recovery ended before the target was reached.
 */
enum choose_kind {
	CHOOSE_END,		/* all WAL there is */
	CHOOSE_IMMEDIATE,	/* the end of the backup */
	CHOOSE_TIME,
	CHOOSE_XID,
	CHOOSE_NAME,
	CHOOSE_LSN
};

enum choose_line {
	CHOOSE_LINE_DEFAULT,	/* as LATEST; the backup's own where a named
				 * backup is restored to its end */
	CHOOSE_LINE_LATEST,	/* the highest timeline that is known */
	CHOOSE_LINE_CURRENT,	/* the one that the backup was taken on */
	CHOOSE_LINE_NUMBER
};

struct choose_target {
	enum choose_kind	 kind;
	int64_t			 time_us;	/* CHOOSE_TIME */
	uint64_t		 lsn;		/* CHOOSE_LSN */
	enum choose_line	 line;
	uint32_t		 tli;		/* CHOOSE_LINE_NUMBER */
	const char		*backup;	/* id; NULL or "latest": any */
};

struct choose_result {
	size_t		 index;		/* of the backup */
	uint32_t	 tli;		/* for recovery_target_timeline */
};

/*
 * "v" may be in any order.  ERR_ABSENT if no backup serves, in words that say
 * what would: the earliest point that can be reached, the timeline that has
 * backups, the newest id.
 */
int	 choose_backup(const struct lineage_backup *v, size_t n,
	    const struct lineage_set *, const struct choose_target *,
	    struct choose_result *, struct err *)
	    __attribute__((warn_unused_result, nonnull(3, 4, 5, 6)));

#endif /* PLAN_CHOOSE_H */
