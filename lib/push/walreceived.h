/* SPDX-License-Identifier: ISC */
#ifndef PUSH_WALRECEIVED_H
#define PUSH_WALRECEIVED_H

#include "cluster/pgfacts.h"
#include "repo/connection.h"

/*
 * Where archive_mode is off, WAL can come into the repository by wal-receive
 * alone.  Whether it does is asked before a backup is begun that would wait for
 * it in vain: the last segment that PostgreSQL has completed must be in the
 * repository, which "known" says has a marker.  If it has just been completed
 * it may take a moment to arrive: up to "ms" milliseconds.
 *
 * Returns 0, also if archive_mode is not off, or if the position is not known,
 * as that of a standby or of a server on another host; or ERR_PG with what to
 * do.  Failures of the repository are as they are.
 */
int	 walreceived_check(struct connection *, const struct pgfacts *,
	    int known, uint64_t ms, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_WALRECEIVED_H */
