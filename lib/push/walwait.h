/* SPDX-License-Identifier: ISC */
#ifndef PUSH_WALWAIT_H
#define PUSH_WALWAIT_H

#include <stdint.h>

#include "backup/label.h"
#include "repo/connection.h"

/*
 * Wait until all WAL that a backup needs, from its label's start_wal to its
 * stop_wal, is in the repository.  After a few seconds "note" is called once,
 * with what is awaited.
 *
 * Returns ERR_PG if a segment is still missing after "ms" milliseconds.  A
 * repository that cannot be reached is asked again until then, and only then
 * is the failure ERR_REMOTE; every other failure ends the wait at once.
 */
int	 walwait_run(struct connection *, const struct label *, uint64_t ms,
	    void (*note)(void *arg, const char *text), void *arg,
	    struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 4, 6)));

#endif /* PUSH_WALWAIT_H */
