/* SPDX-License-Identifier: ISC */
#ifndef TOOL_RUNHISTORY_H
#define TOOL_RUNHISTORY_H

#include <stddef.h>

#include "base/err.h"
#include "tool/runrecord.h"

/*
 * What was run for a server on this host: the file history in the server's part
 * of the state folder.  It has a line of JSON for each beginning and for each
 * end of a run, so that a run which was killed is seen, too.  It is no part of
 * a repository, and may be lost at any time.
 *
 * A line is durable when it has been added.  A crash leaves at most a part of
 * a line, which is passed over.  When the file exceeds RUNHISTORY_MOST bytes,
 * its older half is dropped; that leaves about 1,000 runs.
 */
#define RUNHISTORY_MOST	((size_t)1 << 20)

/*
 * Add a line for the run.  Nothing is done, and that is no failure, where this
 * process may not write to the state folder, or where root would leave files in
 * another user's.  ERR_LOCAL if it cannot be written, or if another process
 * holds it for half a minute.
 */
int	 runhistory_add(const char *state_dir, const struct runrecord *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * All runs in the order of their beginning, in an array that the caller frees.
 * One that has no end has the status RUNRECORD_UNDER_WAY.  A file that is
 * missing is an empty history, and so is a state folder.
 */
int	 runhistory_load(struct runrecord **, size_t *n, const char *state_dir,
	    const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * When backup-expire last applied the policy and did not fail, by this host's
 * clock; 0 if no such run is known.
 */
int64_t	 runhistory_expired(const char *state_dir, const char *server)
	    __attribute__((nonnull));

#endif /* TOOL_RUNHISTORY_H */
