/* SPDX-License-Identifier: ISC */
#ifndef PLAN_CHOOSE_H
#define PLAN_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/lineage.h"
#include "plan/xidspan.h"

/*
 * Which backup to restore, and which timeline to follow from there.  Pure: no
 * files, no clock.  Whether archived WAL then reaches the target is another
 * question, which coverage.h answers.
 *
 * A cluster is consistent only once it was rolled forward to the end of its
 * backup; recovery cannot stop earlier.  So the choice is the newest backup
 * that leads to the target timeline (lineage_reaches()) and ended before the
 * target:
 *
 *   - For a time: stop time < target.  A commit at that very moment may be
 *     older or newer than the stop.
 *   - For an LSN: stop LSN <= target, whether the record at the target is to
 *     be included or not.
 *   - For a transaction: it had not ended when the backup had, by the numbers
 *     in the label (plan/xidspan.h).  If no label says that, the newest of
 *     those that say nothing, or else the earliest before whose end the
 *     transaction began.
 *   - The name of a restore point does not show where it lies.  The newest
 *     backup that leads to the timeline is chosen.
 *
 * Such a backup may have ended behind its target after all: where WAL can be
 * read, restore/findtarget.h goes back from it.
 *
 * The newest, on one timeline's line, is the backup with the highest stop
 * LSN.  If each backup stays on its own timeline, it is the one with the
 * latest stop time.
 */
enum choose_kind {
	CHOOSE_END,		/* the end of all archived WAL */
	CHOOSE_IMMEDIATE,	/* the end of the backup */
	CHOOSE_TIME,
	CHOOSE_XID,
	CHOOSE_NAME,		/* a restore point */
	CHOOSE_LSN
};

enum choose_line {
	CHOOSE_LINE_DEFAULT,	/* CURRENT if the target is CHOOSE_IMMEDIATE,
				 * else LATEST */
	CHOOSE_LINE_LATEST,	/* the highest timeline that is known */
	CHOOSE_LINE_CURRENT,	/* the one that the backup was taken on */
	CHOOSE_LINE_NUMBER	/* "tli" */
};

struct choose_target {
	enum choose_kind	 kind;
	int64_t			 time_us;	/* for CHOOSE_TIME */
	uint64_t		 lsn;		/* for CHOOSE_LSN */
	uint64_t		 xid;		/* for CHOOSE_XID, with or
						 * without its epoch */
	const char		*name;		/* for CHOOSE_NAME; borrowed */
	int			 exclusive;	/* stop just before it; the
						 * choice is the same */
	enum choose_line	 line;
	uint32_t		 tli;		/* for CHOOSE_LINE_NUMBER */
	const char		*backup;	/* id; NULL, "latest": not
						 * named */
};

struct choose_result {
	size_t		 index;		/* of the backup, in "v" */
	uint32_t	 tli;		/* for recovery_target_timeline */
	enum xidspan	 xidspan;	/* for CHOOSE_XID; else unknown */
};

/*
 * Choose among the "n" backups "v", which may be in any order.  "out" is set
 * on success only.  ERR_ABSENT if no backup serves; the message says what
 * would: the earliest point that can be reached, the timeline that has
 * backups, or the newest id.
 */
int	 choose_backup(const struct lineage_backup *v, size_t n,
	    const struct lineage_set *, const struct choose_target *,
	    struct choose_result *out, struct err *)
	    __attribute__((warn_unused_result, nonnull(3, 4, 5, 6)));

#endif /* PLAN_CHOOSE_H */
