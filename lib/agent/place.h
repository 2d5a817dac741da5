/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PLACE_H
#define AGENT_PLACE_H

#include <limits.h>

#include "base/err.h"

/*
 * Where an agent listens: DIR/NAME.sock, and DIR/NAME.lock, which it holds
 * locked (flock(2)) as long as it lives.  Who gets the lock knows that no
 * agent of that name is alive, so whatever socket is there is stale.
 *
 * NAME stands for all that an agent depends on (server, cluster, data
 * directory, configuration, key file, program; tool/agentconf.h makes it), so
 * an agent is never asked by who would want another one.
 *
 * DIR must be a directory of ours with mode 0700; it is made (one level)
 * where it is missing.  Paths may be longer than a socket's address has room
 * for: the working directory is changed for a moment, so none of this is for
 * threads.
 */
#define PLACE_NAME	96		/* with its NUL */

struct place {
	char	 dir[PATH_MAX];
	char	 name[PLACE_NAME];
};

/*
 * Connect to the agent, whose user must be ours.  Returns 0, 1 if nobody
 * listens there, or -1 (ERR_LOCAL: the folder or the socket cannot be used,
 * and why).
 */
int	 place_connect(const struct place *, int *sock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Become the one that listens.  Returns 0 with two descriptors, 1 if another
 * holds the lock (an agent that is alive, or who starts one at this moment),
 * or -1.  A stale socket is replaced; anything else of that name (a file,
 * another user's socket) is left alone and is ERR_LOCAL.  What agents of
 * other names left behind that are no more is removed by the way.
 */
int	 place_take(const struct place *, int *lock, int *listening,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether that is the socket of this place.  ERR_LOCAL if not: what the name
 * depends on has changed since it was made.
 */
int	 place_check(const struct place *, int listening, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the lock still has its name: 1 or 0.  Where the folder was cleared
 * away by hand, another agent may be alive.
 */
int	 place_holds(const struct place *, int lock)
	    __attribute__((warn_unused_result, nonnull));

/* Before the lock is closed: no one shall connect any more. */
void	 place_leave(const struct place *, int lock) __attribute__((nonnull));

/* At the very end: the lock's name goes, then the lock. */
void	 place_release(const struct place *, int lock)
	    __attribute__((nonnull));

#endif /* AGENT_PLACE_H */
