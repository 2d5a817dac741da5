/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHJOB_H
#define RESTORE_FETCHJOB_H

#include "base/err.h"

/*
 * One job of a fetcher, to be run by crew_start(): it connects, takes pieces
 * from the struct fetchwork that "work" is, and fetches what they lack, until
 * no more come or the crew is to stop.
 */
int	 fetchjob(void *work, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_FETCHJOB_H */
