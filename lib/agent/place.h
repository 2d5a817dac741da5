/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PLACE_H
#define AGENT_PLACE_H

#include <limits.h>

#include "base/err.h"

/*
 * Where an agent listens: at DIR/NAME.sock.  It holds DIR/NAME.lock locked
 * (flock(2)) as long as it lives.  A process that gets the lock therefore
 * knows that no agent of that name is alive, and that a socket of that name
 * is stale.
 *
 * NAME stands for everything that an agent depends on: server, cluster, data
 * directory, configuration, key file, program (tool/agentconf.h makes it).  So
 * a caller that needs another agent looks for another name.
 *
 * DIR must be a directory of our own user with mode 0700.  It is made, one
 * level, if it is missing.  None of this is for threads: see placedir.h.
 */
#define PLACE_NAME	96		/* with its NUL */

struct place {
	char	 dir[PATH_MAX];
	char	 name[PLACE_NAME];
};

/*
 * Connect to the agent, which must run as our user.  Returns 0 with a
 * descriptor, 1 if nobody listens there, or -1: ERR_LOCAL if the directory or
 * the socket cannot be used.
 */
int	 place_connect(const struct place *p, int *sock, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Become the process that listens.  Returns 0 with two descriptors; 1 if
 * another process holds the lock, be it an agent or a caller that is about to
 * start one; or -1, ERR_LOCAL.  A stale socket is replaced.  Anything else of
 * that name (a file, another user's socket) is left alone and is an error.
 * What agents of other names left behind when they were killed is removed.
 */
int	 place_take(const struct place *p, int *lock, int *listening,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Check that "listening" is the socket of this place.  ERR_LOCAL if it is
 * not: something that the name depends on has changed since it was made.
 */
int	 place_check(const struct place *p, int listening, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the lock file is still in its place: 1 or 0.  If somebody removed
 * it by hand, another agent may be alive.
 */
int	 place_holds(const struct place *p, int lock)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the socket's name, so that nobody connects any more. */
void	 place_leave(const struct place *p, int lock)
	    __attribute__((nonnull));

/* At the very end: remove the lock's name, then close the lock. */
void	 place_release(const struct place *p, int lock)
	    __attribute__((nonnull));

#endif /* AGENT_PLACE_H */
