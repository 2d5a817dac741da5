/* SPDX-License-Identifier: ISC */
#ifndef STORE_PACE_H
#define STORE_PACE_H

#include <stdint.h>

/*
 * How many bytes of writes to have under way: enough that the link is never
 * idle, which is its rate times its round trip, twice.  More than that only
 * waits in the server: OpenSSH's keeps what its sftp-server has not taken in
 * one buffer, and enlarges that by moving all of it.  Reads need no such bound:
 * their requests are small, and what is read waits in windows of fixed sizes.
 *
 * Both are measured as data is sent.  The round trip is the shortest of the
 * last seconds, if some packet met an idle link in them, as the first one of an
 * object does; else of the last one to two minutes.  The rate is the highest of
 * the last round trips that filled the link, or of the last minutes: what was
 * answered from the last answer before a packet was sent to its own, divided by
 * that time.  Times are microseconds of a clock that only goes forward.  Pure.
 */
struct pace {
	/* The round trip, and bytes per second; each 0 while not known. */
	uint64_t	 trip_us, trip_before_us;
	uint64_t	 rate, rate_before;
	/* When "trip_us" and "rate" began to be measured. */
	int64_t		 trip_begun_us, rate_begun_us;
	int64_t		 answered_us;	/* the last answer, or an idle time's
					   end */
	uint64_t	 answered;	/* bytes, in all */
	uint64_t	 flying;	/* bytes without an answer */
};

/* What is remembered of one packet until its answer comes. */
struct pace_mark {
	int64_t		 sent_us;
	int64_t		 answered_us;	/* then */
	uint64_t	 answered;	/* the same */
	uint64_t	 flying;	/* the same, with this packet */
	uint32_t	 bytes;
};

#define PACE_LEAST	((uint64_t)128 << 10)

/* A packet of "bytes" is sent, for which *mark stands; with 0, not counted. */
void	 pace_sent(struct pace *, struct pace_mark *mark, int64_t now_us,
	    uint32_t bytes) __attribute__((nonnull));

/* Its answer has come.  Answers come in any order. */
void	 pace_answered(struct pace *, const struct pace_mark *,
	    int64_t now_us) __attribute__((nonnull));

/*
 * How many bytes may be under way: at least PACE_LEAST, and UINT64_MAX while
 * no answer has come.
 */
uint64_t pace_ahead(const struct pace *) __attribute__((nonnull));

#endif /* STORE_PACE_H */
