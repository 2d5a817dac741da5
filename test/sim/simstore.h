/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMSTORE_H
#define SIM_SIMSTORE_H

#include <stdint.h>

/*
 * The store that every program of the simulator gets from store_open(): a
 * connection of the actor that opens it to simdisk.h.  It keeps the promises
 * of store/store.h and no more.  Between a request, what it does and its
 * answer others get on.  A listing is of no single moment, a rename may stop
 * half way in a crash, a connection may be cut before or after the request was
 * obeyed, and one that was cut before may be obeyed later.  What its contract
 * does not call durable is lost when the storage host crashes.
 */
#define SIMSTORE_ROOT	"/sim"

struct simstore_faults {
	uint64_t	 cut;		/* one of so many requests; 0: none */
	uint64_t	 half;		/* so many renames; 0: none */
	uint64_t	 ghost;		/* of so many cut ones one is obeyed
					   later; 0: none */
};

void	 simstore_begin(const struct simstore_faults *);
void	 simstore_end(void);

/* The storage host has crashed: it has no requests any more. */
void	 simstore_crash(void);

/* Obey one of the requests whose connection was cut, now and then. */
void	 simstore_haunt(void);

#endif /* SIM_SIMSTORE_H */
