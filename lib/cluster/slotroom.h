/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SLOTROOM_H
#define CLUSTER_SLOTROOM_H

#include <stdint.h>

#include "base/err.h"

/*
 * How much WAL the server keeps for a slot, and how much more it will; sizes
 * are bytes.
 */
struct slotroom {
	int		 given_up;	/* the slot is lost, or about to be */
	int		 limited;	/* by max_slot_wal_keep_size: */
	uint64_t	 limit;		/* that */
	uint64_t	 safe;		/* what may be written until then */
	uint64_t	 kept;		/* from the slot's position on */
};

/*
 * Ask over an ordinary connection, which is closed at once: it must not keep
 * the server from ending.  No privilege is needed but LOGIN.  ERR_PG, also if
 * there is no such slot.
 */
int	 slotroom_ask(struct slotroom *, const char *conninfo,
	    const char *slot, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_SLOTROOM_H */
