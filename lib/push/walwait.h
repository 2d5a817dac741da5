/* SPDX-License-Identifier: ISC */
#ifndef PUSH_WALWAIT_H
#define PUSH_WALWAIT_H

#include <stdint.h>

#include "backup/label.h"
#include "repo/connection.h"

/*
 * Wait until all WAL that a backup needs, from its label's start_wal to
 * stop_wal, is in the repository: ERR_PG if that is not so within "ms".  A
 * repository that cannot be reached is asked again until then.  "note" is
 * told once, after a while, what is awaited.
 */
int	 walwait_run(struct connection *, const struct label *, uint64_t ms,
	    void (*note)(void *arg, const char *text), void *arg,
	    struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 4, 6)));

#endif /* PUSH_WALWAIT_H */
