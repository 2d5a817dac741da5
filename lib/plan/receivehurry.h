/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVEHURRY_H
#define PLAN_RECEIVEHURRY_H

#include <stdint.h>

/*
 * When wal-receive asks whether it keeps a server from ending, and when it
 * comes again.  Pure; times are milliseconds of a clock that only goes
 * forward.
 *
 * A server that shuts down waits until all of its WAL is acknowledged.  If the
 * repository does not take it, the connection must be closed.  The stream
 * need not say that the server ends: where the repository takes nothing, what
 * the server has sent lies unread in between.  So the server is asked by
 * another way, but only while something that was received is not acknowledged,
 * and nothing has been for a while.
 */
#define RECEIVEHURRY_REPLY_MS	100	/* a server that ends asks for status
					   after status; answers are this far
					   apart */

struct receivehurry {			/* zeroed at first */
	uint64_t	 acked;
	int64_t		 since;		/* "acked" is what it is since then */
	int64_t		 asked;		/* last; 0: not since then */
};

/*
 * Whether to ask now.  "received" is the position behind the last byte that
 * the server has sent, "acked" what was acknowledged.
 */
int	 receivehurry_ask(struct receivehurry *h, uint64_t received,
	    uint64_t acked, int64_t now) __attribute__((nonnull));

/*
 * The pause before attempt number "n" in a row, from 1 on: 1 s, then twice as
 * long each time, at most 30 s.
 */
int64_t	 receivehurry_pause(unsigned n);

#endif /* PLAN_RECEIVEHURRY_H */
