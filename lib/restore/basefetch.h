/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_BASEFETCH_H
#define RESTORE_BASEFETCH_H

#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "catalogue/straylines.h"
#include "catalogue/streamed.h"
#include "crypt/key.h"
#include "plan/choose.h"
#include "plan/reach.h"
#include "restore/findtarget.h"
#include "restore/hotneeds.h"
#include "restore/laterfacts.h"
#include "store/store.h"

/*
 * The plan of a restore, made before anything is written: which cluster,
 * which backup, which timeline, and how far the archived WAL reaches.
 */
struct basefetch_plan {
	uint64_t	 system_id;	/* the cluster */
	unsigned	 systems;	/* how many the server has had */
	uint64_t	 bare_id;	/* one of them that has no backup; 0 if
					   each has */
	struct archive	*archive;	/* owned: the open connection */
	struct catalogue *catalogue;	/* owned */
	struct evidence	 evidence;	/* of it, by listings; owned */
	const struct label *label;	/* the backup; the catalogue's */
	uint32_t	 tli;		/* the timeline to recover along */
	enum xidspan	 xidspan;	/* whether a target transaction had
					 * ended when the backup had */

	/* The archived WAL, up to a gap or to its end. */
	uint32_t	 last_tli;	/* its last segment */
	uint64_t	 last_segno;	/* the same */
	uint64_t	 end;		/* LSN: where that segment ends */
	int64_t		 reached_us;	/* when it was archived, by the
					   cluster's clock */
	uint64_t	 wal_segments;	/* from the backup's start to it */

	/*
	 * What was streamed behind that, which wal-fetch gives to a recovery
	 * that ends with promotion: its "end" is 0 if nothing was, or if there
	 * are gaps.  "problem" is why a recovery to the end of WAL stops there;
	 * ERR_NONE: it does not.
	 */
	struct streamed	 streamed;
	struct err	 problem;

	/*
	 * Segments that are missing although later ones are stored, or, as
	 * the timelines' histories show, were stored once; or one that is
	 * there and does not count.
	 */
	size_t		 gaps;
	uint32_t	 missing_tli;	/* if there are gaps: the first */
	uint64_t	 missing_segno;
	struct err	 refused;	/* why that does not count; ERR_NONE:
					   it is missing */

	struct hotneeds	 hot;		/* of hot standby; the catalogue's */
	struct laterfacts later;	/* by basefetch_later(); owned */
	struct straylines strays;	/* lines beside this one; owned */

	struct findtarget_found found;	/* of a transaction, or a restore
					 * point */

	/*
	 * What reachscan_check() found, or for a transaction or restore point
	 * basefetch_plan() itself; REACH_YES before.
	 */
	struct reach	 reach;
	enum reach_verdict verdict;
};

/*
 * Make the plan.  Where the key has a retired signer, the headers of all WAL
 * from the backup's start on are read, many in flight.  With "system_id" 0 it
 * is for the cluster that has the backup named in the target, or else the
 * newest backup.  The target's "backup" may be a word as in backupword.h;
 * anything else that is no id is ERR_USAGE.
 *
 * ERR_ABSENT, with what can be reached instead, if no backup serves the
 * target, if WAL that the backup itself needs is missing, or if archived WAL
 * does not reach the target: a transaction or a restore point that it does not
 * have behind the backup, an LSN or a time behind its end, or all of it
 * where there is a gap, a segment that does not count, or something that was
 * streamed and is refused (ERR_CORRUPT).  The message then names another
 * cluster of the server that has the target, or says that none has.  Also,
 * unless the target names a timeline or is the end of a backup, if another
 * line of timelines goes on beside the latest one (plan/stray.h).
 *
 * ERR_CORRUPT if WAL that the backup itself needs is there and does not count;
 * if the label of the named backup cannot be trusted, or a history file
 * without which the latest timeline is not known; or if the named backup, or
 * every one, is incomplete.  Other labels that cannot be trusted, and other
 * backups that are incomplete, are left out: they stand in the catalogue
 * (catalogue_bads()) and in the evidence, and the caller reports them.
 */
int	 basefetch_plan(struct basefetch_plan *, const struct store_conf *,
	    const struct key *, const char *server, uint64_t system_id,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The LSN behind all that a recovery gets: archived, or else streamed. */
uint64_t basefetch_end(const struct basefetch_plan *) __attribute__((nonnull));

/*
 * What to do about a target behind the archived WAL, to follow a semicolon:
 * to leave it out, or, if WAL is missing there, to choose an earlier one.
 * Returns "buf".
 */
#define BASEFETCH_TEXT	112
const char *basefetch_instead(char buf[BASEFETCH_TEXT],
	    const struct basefetch_plan *) __attribute__((nonnull));

/*
 * Whether the WAL of the plan reaches the target, by where it ends: for
 * basefetch_plan().  0, or -1 with what can be reached instead.
 */
int	 basefetch_target(const struct basefetch_plan *,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Look in the headers of archived WAL for what replay comes to from the start
 * of the backup on, up to the target, or to the backup's end if recovery stops
 * there: sets "later", and raises "hot".  Does nothing if the key is no
 * .restore key.
 */
int	 basefetch_later(struct basefetch_plan *, const struct choose_target *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Release what the plan owns.  A failed basefetch_plan() left nothing. */
void	 basefetch_plan_free(struct basefetch_plan *);

#endif /* RESTORE_BASEFETCH_H */
