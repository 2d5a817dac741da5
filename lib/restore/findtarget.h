/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FINDTARGET_H
#define RESTORE_FINDTARGET_H

#include "catalogue/walread.h"
#include "plan/choose.h"
#include "plan/reach.h"

/*
 * Where a restore point, or the end of a transaction, lies in archived WAL, and
 * whether recovery from a backup stops there.  Facts in the headers of segments
 * say it (lib/FORMAT.md, 4), many in flight; a segment is read whole only where
 * they leave it open, or if it has none, as those that were archived by earlier
 * versions.
 *
 * PostgreSQL stops at the first restore point of that name that it replays, or
 * at the transaction's own end, and fails if that lies before the end of the
 * backup.  So a backup serves if the first such record behind its start lies
 * behind its end.  The newest one is found by looking from the newest back:
 * what was looked at for one backup is not looked at for an earlier one again.
 */
struct findtarget_way {			/* what recovery from a backup gets */
	struct walread_line line;
	uint64_t	 start_lsn, stop_lsn;	/* of the backup */
	uint64_t	 last_segno;	/* all segments up to this one */
	uint64_t	 streamed_segno;	/* and what was streamed of */
	unsigned	 streamed;	/* this, in that open object; 0: none */
	int		 between;	/* other segments come before it, and
					 * are not looked at */
};

struct findtarget_place {
	uint64_t	 lsn;		/* where the record begins */
	int64_t		 us;
};

struct findtarget_found {
	int		 known;		/* the WAL was looked at */
	enum reach_verdict verdict;	/* whether recovery stops there */
	struct findtarget_place	 at;	/* if it does */
	size_t		 same;		/* restore points of the same name
					 * behind it */
	uint64_t	 whole;		/* segments that had no facts, and
					 * were read whole */
};

struct findtarget {
	const struct choose_target *target;	/* set by the caller */
	struct findtarget_place	*v;	/* owned; by LSN */
	size_t		 n;
	uint64_t	 low;		/* segments from here on were looked
					 * at; 0: none */
	struct reach	 reach;		/* of transactions */
	uint64_t	 unsure;	/* the first segment that was lost or
					 * not understood; UINT64_MAX: none */
	uint32_t	 high_xid;	/* behind the last list of what ran */
	struct findtarget_found	 found;
};

/*
 * Look along the way.  Returns 0 if the target was found, and recovery stops
 * there; 1 if not, so that an earlier backup may serve; or -1.  "found" says
 * whether that is certain.
 */
int	 findtarget_look(struct findtarget *, const struct findtarget_way *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Say why recovery from the backup "id", the last that was looked at, does not
 * stop at the target: ERR_ABSENT.  "cure" says what to do.  Always returns -1.
 */
int	 findtarget_refuse(const struct findtarget *,
	    const struct findtarget_way *, const char *id, const char *cure,
	    struct err *) __attribute__((nonnull));

void	 findtarget_fini(struct findtarget *);

#endif /* RESTORE_FINDTARGET_H */
