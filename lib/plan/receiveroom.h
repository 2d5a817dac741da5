/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVEROOM_H
#define PLAN_RECEIVEROOM_H

#include <stdint.h>

/* What a server keeps for a slot that nobody empties, in bytes.  Pure. */
struct receiveroom {
	int		 given_up;	/* the slot is, or is about to be */
	int		 limited;	/* by max_slot_wal_keep_size: */
	uint64_t	 limit;		/* that, and what may be written until
					   it is reached */
	uint64_t	 safe;
	uint64_t	 kept;		/* WAL from the slot's position on */
};

/*
 * How urgent it is: 0 for no word, then higher with each halving or doubling
 * that a person should hear of.  A person has heard of a level if a message was
 * printed at it, or at a higher one.
 */
unsigned receiveroom_level(const struct receiveroom *)
	    __attribute__((nonnull));

#endif /* PLAN_RECEIVEROOM_H */
