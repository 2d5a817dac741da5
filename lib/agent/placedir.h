/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PLACEDIR_H
#define AGENT_PLACEDIR_H

#include "base/err.h"

/*
 * The folder in which agents listen, and the sockets in it.  It must be a
 * directory of our user's with mode 0700: what is in it is trusted, so nobody
 * else may put anything there.
 *
 * Paths may be longer than a socket's address has room for, so the working
 * directory is changed for a moment: not for threads.  The name of a socket
 * must fit into its address (107 bytes).
 */

/*
 * Open it.  Returns 0 with a descriptor, 1 if it is missing, or -1: ERR_LOCAL
 * if it cannot be opened, or owner or mode are wrong.
 */
int	 placedir_open(const char *dir, int *fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same, but make the folder (one level) if it is missing: 0 or -1. */
int	 placedir_make(const char *dir, int *fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Connect to the socket "name" in the folder; the process that listens must
 * be our user's.  Returns 0 with a descriptor, 1 if nobody listens, or -1:
 * ERR_LOCAL, also if the queue of connections is full.
 */
int	 placedir_connect(int dir, const char *name, int *sock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Listen at a new socket "name" in the folder; a stale one is replaced.
 * ERR_LOCAL as for placedir_drop(), and if it cannot be made.
 */
int	 placedir_listen(int dir, const char *name, int *sock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove the socket "name" from the folder if it is there.  The caller must
 * hold the lock, so that nobody listens.  ERR_LOCAL if something else than a
 * socket of our user's has that name, which is left alone.
 */
int	 placedir_drop(int dir, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_PLACEDIR_H */
