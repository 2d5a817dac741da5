/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SLOTOTHER_H
#define CLUSTER_SLOTOTHER_H

#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"
#include "cluster/replslot.h"

/*
 * A replication slot that is not a receiver's of ours, that nobody reads from,
 * and for which a server keeps more WAL than for any other such: for
 * backup-check.  One that a standby copies from its primary does not count.
 * Sizes are bytes, times microseconds by the server's clock, or INT64_MIN.
 */
struct slotother {
	char		 name[REPLSLOT_NAME];	/* "": there is none */
	/* Since when nobody reads; not known before version 17. */
	int64_t		 inactive_us;
	uint64_t	 kept;		/* WAL from its position on */
	int64_t		 oldest_us;	/* when the oldest segment of that was
					   last written to */
	int		 limited;	/* by max_slot_wal_keep_size: */
	uint64_t	 safe;		/* what may be written until the server
					   gives it up */
};

/*
 * Ask.  "own" is the receiver's slot.  Needs membership in pg_monitor.  On
 * failure *out is untouched.  Failures are those of pgsession.h.
 */
int	 slotother_get(struct pgsession *, const char *own,
	    struct slotother *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_SLOTOTHER_H */
