/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_LATERFACTS_H
#define RESTORE_LATERFACTS_H

#include "catalogue/walread.h"
#include "plan/choose.h"
#include "restore/hotneeds.h"

/*
 * What replay will come to from the start of a backup on, by the facts in the
 * headers of archived WAL: tablespaces that were made, and settings of hot
 * standby that were raised.  Labels of later backups know of it, too, but not
 * of what was changed behind the newest.
 */
struct laterfacts_space {
	uint64_t	 lsn;		/* of the record that makes it */
	uint32_t	 oid;
	char		 path[WALEVENT_PATH];
};

struct laterfacts {
	struct laterfacts_space	*v;	/* owned */
	size_t		 n;
	uint64_t	 commit_lsn;	/* for a target time: the last commit
					 * before it; 0: none, or not known */
	int64_t		 commit_us;
	uint64_t	 unknown;	/* segments that say nothing: they have
					 * no facts */
};

/*
 * Look from the LSN "from" on, up to segment "last" or the target: an LSN, or a
 * time.  The segment in which replay stops at the time is read whole, and so
 * is one that has more than its facts.  Raises what "hot" has.
 */
int	 laterfacts_find(struct laterfacts *, struct hotneeds *hot,
	    const struct walread_line *, uint64_t from, uint64_t last,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 laterfacts_fini(struct laterfacts *);

#endif /* RESTORE_LATERFACTS_H */
