/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVEACK_H
#define PLAN_RECEIVEACK_H

#include <stdint.h>

/*
 * What wal-receive may acknowledge.  Pure.  All begins zeroed, but for the
 * first two members.
 *
 * A position within a segment may be acknowledged as soon as the segment's
 * open object is durable up to there, if every segment before it is durable
 * under its own name.  The end of a segment, and all behind it, may be only
 * when the segment itself is durable under its name.  Otherwise the server
 * would forget a segment that only open objects hold, and that nobody could
 * complete after a crash.
 *
 * For the same reason no open object is begun before all segments before it
 * have their names: a disaster would leave one behind a segment without a name,
 * and no timeline that begins after a restore could fill that hole.
 */
struct receiveack {
	uint32_t	 segsize;
	uint64_t	 named;		/* all segments before this position
					   are durable under their names */
	uint64_t	 open;		/* durable in the open object of the
					   segment that begins there; or less */
};

/* The segment that begins at "lsn" is durable under its name. */
void	 receiveack_named(struct receiveack *a, uint64_t lsn)
	    __attribute__((nonnull));

/* Whether the open object of the segment that begins at "start" may begin. */
int	 receiveack_may_open(const struct receiveack *a, uint64_t start)
	    __attribute__((nonnull));

/*
 * The open object of the segment that begins at "start" is durable up to
 * "lsn".  It counts for nothing if it might not have begun.
 */
void	 receiveack_open(struct receiveack *a, uint64_t start, uint64_t lsn)
	    __attribute__((nonnull));

/* What may be acknowledged now; it never goes back. */
uint64_t receiveack_lsn(const struct receiveack *a) __attribute__((nonnull));

/*
 * The position for a status.  0, which is none, if nothing was received yet and
 * the slot's own position, "slot", is above what may be acknowledged: WAL in
 * between may be gone, and PostgreSQL would take the slot back to a position
 * from which it can never stream again.
 */
uint64_t receiveack_status(const struct receiveack *a, uint64_t slot,
	    int received) __attribute__((nonnull));

#endif /* PLAN_RECEIVEACK_H */
