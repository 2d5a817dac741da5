/* SPDX-License-Identifier: ISC */
#ifndef PLAN_SUMMARIES_H
#define PLAN_SUMMARIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/lsn.h"

/*
 * Whether WAL summaries (PostgreSQL 17, summarize_wal) name every block that
 * changed between the starts of two backups.  Pure: no files, no clock.
 */

/* What is known of a backup, and of the cluster then. */
struct summaries_backup {
	uint32_t	 timeline;
	uint64_t	 start_lsn;
	uint64_t	 stop_lsn;	/* of the earlier one */
	uint64_t	 next_xid;	/* with its epoch; 0: not known */
	int		 checksums;	/* data pages have them */
};

/*
 * Whether the cluster of the second backup can be what became of that of the
 * first one, so that its WAL since then is all that happened.  Two backups on
 * different timelines are refused: the second may have left the first one's
 * timeline anywhere.  So is a change of page checksums, which rewrites all
 * pages without WAL; and numbers that went back, since then the data directory
 * was set back to an older state.
 *
 * Returns 0, or -1 with ERR_PG and the reason.
 */
int	 summaries_follow(const struct summaries_backup *then,
	    const struct summaries_backup *now, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Each summary covers a part of one timeline's WAL.  PostgreSQL begins a new
 * one at the redo position of each checkpoint (walsummarizer.c), and a backup
 * starts at such a position.  So a summary must begin exactly where the earlier
 * backup started.  If none does, that checkpoint was never made here: the data
 * directory was set back to an older state, and has gone another way since.
 */
enum summaries {
	SUMMARIES_COMPLETE,
	SUMMARIES_BEHIND,	/* all is there up to *upto: the rest may
				   come */
	SUMMARIES_GAP,		/* *upto is in a gap: later ones are there */
	SUMMARIES_OTHER		/* all is covered, and none begins at the
				   start */
};

/*
 * Whether the "n" summaries "v", in ascending order of start, cover all WAL
 * of "wanted".  They may overlap.  *upto is how far they cover it without a
 * gap; unless anything covers its start, it is that.
 */
enum summaries	 summaries_cover(const struct lsn_range *v, size_t n,
	    const struct lsn_range *wanted, uint64_t *upto)
	    __attribute__((warn_unused_result, nonnull(3, 4)));

#endif /* PLAN_SUMMARIES_H */
