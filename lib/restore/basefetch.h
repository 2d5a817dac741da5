/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_BASEFETCH_H
#define RESTORE_BASEFETCH_H

#include <stdint.h>

#include "catalogue/catalogue.h"
#include "crypt/key.h"
#include "plan/choose.h"
#include "store/store.h"

/*
 * What a restore will do, decided before anything is written: which cluster,
 * which backup, which timeline, and how far the archived WAL reaches.
 */
struct basefetch_plan {
	uint64_t	 system_id;
	unsigned	 systems;	/* clusters the server has had */
	struct archive	*archive;	/* owned; the connection that is open */
	struct catalogue *catalogue;	/* owned */
	const struct label *label;	/* the backup; borrowed from it */
	uint32_t	 tli;		/* to recover along */
	uint32_t	 last_tli;	/* the last segment before a gap or */
	uint64_t	 last_segno;	/* the end of what is archived */
	uint64_t	 end;		/* its end: WAL reaches to this LSN */
	int64_t		 reached_us;	/* when it was archived, by the
					   cluster's clock */
	uint64_t	 wal_segments;	/* from the backup's start to there */
	size_t		 gaps;		/* missing although later ones are there
					   or, by the histories, were */
	uint32_t	 missing_tli;	/* if "gaps": the first of them */
	uint64_t	 missing_segno;
};

/*
 * Make the plan.  ERR_ABSENT, in words that say what can be reached, if no
 * backup serves the target, if WAL that the backup itself needs is missing,
 * or if archived WAL does not reach the target: an LSN or a time behind its
 * end, or all of it where there is a gap.  ERR_CORRUPT if the named backup's
 * label is refused, or a history file without which the latest timeline is
 * not known; other labels that are refused are left out and stand in the
 * catalogue: say so.  "system_id" 0: the cluster with
 * the newest backup that serves, or with the named one.
 */
int	 basefetch_plan(struct basefetch_plan *, const struct store_conf *,
	    const struct key *, const char *server, uint64_t system_id,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 basefetch_plan_free(struct basefetch_plan *);

#endif /* RESTORE_BASEFETCH_H */
