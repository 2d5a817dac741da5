/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHWORKER_H
#define PUSHER_PUSHWORKER_H

#include "pusher/pushpool.h"

/*
 * A thread of the pusher with a connection of its own.  It takes jobs from the
 * pool's queue and pushes several of them at a time.
 *
 * The first conf.jobs threads of a pool connect when there is work.  The
 * others are spare: they connect while files wait and sending one is held up
 * by round trips, and they disconnect after a minute without work.
 */

/*
 * Start the pool's thread number "index", counted from 0.  It runs until the
 * pool's crew is asked to stop.  ERR_LOCAL if memory or threads run out.  Not
 * under the lock.
 */
int	 pushworker_start(struct pushpool *p, unsigned index, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSHER_PUSHWORKER_H */
