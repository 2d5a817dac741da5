/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SLOTWATCH_H
#define CLUSTER_SLOTWATCH_H

#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"

/*
 * What a running server says of the replication slot of a receiver at this
 * moment: for backup-check.  Sizes are bytes, times microseconds.
 */
struct slotwatch {
	int		 required;	/* synchronous_standby_names has its
					 * name */
	int		 exists;	/* if not, all that follows is zero */
	int		 physical;
	int		 active;	/* a receiver is connected */
	/* Since when none is; INT64_MIN: not known, as before version 17. */
	int64_t		 inactive_us;
	int		 lost;		/* the server has given it up */
	int		 unreserved;	/* and will, at a checkpoint soon */
	int		 limited;	/* by max_slot_wal_keep_size: */
	uint64_t	 limit;		/* that */
	uint64_t	 safe;		/* what may be written until then */
	uint64_t	 restart_lsn;	/* WAL is kept from here on; 0: none */
	uint64_t	 position;	/* where the server's WAL is flushed */
	uint64_t	 acked_lsn;	/* what the receiver that is connected
					 * reported; 0: nothing yet */
	uint64_t	 lag_us;	/* how long it took for that; 0: not
					 * known, or nothing was written */
};

/*
 * Ask for the slot "name", which must have passed replslot_ok().  Without
 * membership in pg_monitor acked_lsn and lag_us stay 0.  On failure *out is
 * untouched.  Failures are those of pgsession.h.
 */
int	 slotwatch_get(struct pgsession *, const char *name,
	    struct slotwatch *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The WAL that the server keeps for it; 0 if the slot is lost. */
uint64_t slotwatch_kept(const struct slotwatch *) __attribute__((nonnull));

#endif /* CLUSTER_SLOTWATCH_H */
