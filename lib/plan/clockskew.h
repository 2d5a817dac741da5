/* SPDX-License-Identifier: ISC */
#ifndef PLAN_CLOCKSKEW_H
#define PLAN_CLOCKSKEW_H

#include <stdint.h>

/*
 * By how much clocks differ.  Pure: no files, no clock.  All times are in
 * microseconds since 1970.
 *
 * The clock of a database server is compared with this host's at one moment.
 * A repository says what time it is only by the times of its files, so the
 * clock of the host that pushes is compared with it by a segment: what the
 * signed header says, when the push began, and the time of the file, when it
 * was written to its end.  What lies between is the skew and the time of the
 * transfer, for which CLOCKSKEW_RATE is allowed.
 */
#define CLOCKSKEW_RATE	(UINT64_C(1) << 17)	/* bytes a second */

struct clockskew {
	int		 asked;		/* whether the next two are known */
	int64_t		 here_us, server_us;
	int		 stored;	/* whether the next two are known */
	int64_t		 sent_us, stored_us;
	uint64_t	 bytes;		/* that were sent, at most */
};

/* In seconds, rounded down; 0 if it is not known. */
uint64_t clockskew_server(const struct clockskew *) __attribute__((nonnull));

/*
 * The least that it can be.  The time of a file has whole seconds, so a second
 * is nothing.
 */
uint64_t clockskew_repository(const struct clockskew *)
	    __attribute__((nonnull));

#endif /* PLAN_CLOCKSKEW_H */
