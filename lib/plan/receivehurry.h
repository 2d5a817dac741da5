/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVEHURRY_H
#define PLAN_RECEIVEHURRY_H

#include <stdint.h>

/*
 * When wal-receive lets go of a server, and when it comes again.  Pure; times
 * are milliseconds of a clock that only goes forward.
 *
 * A server that shuts down waits until all of its WAL is acknowledged, and
 * meanwhile asks for a status again and again.  In other times it asks only
 * after half of wal_sender_timeout.  So questions in close succession without
 * anything new acknowledged mean that the repository keeps the server from
 * ending.
 */
#define RECEIVEHURRY_REPLY_MS	100	/* answers are this far apart */

struct receivehurry {			/* zeroed at first */
	uint64_t	 acked;
	int64_t		 since, last;
	unsigned	 asked;		/* in close succession */
};

/* The server asks for a status, and "acked" is what it will get. */
void	 receivehurry_asked(struct receivehurry *h, uint64_t acked,
	    int64_t now) __attribute__((nonnull));

/* Whether to close the connection, so that the server can end. */
int	 receivehurry_leave(const struct receivehurry *h, uint64_t acked,
	    int64_t now) __attribute__((nonnull));

/*
 * The pause before attempt number "n" in a row, from 1 on: 1 s, then twice as
 * long each time, at most 30 s.
 */
int64_t	 receivehurry_pause(unsigned n);

#endif /* PLAN_RECEIVEHURRY_H */
