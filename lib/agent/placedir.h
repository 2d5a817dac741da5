/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PLACEDIR_H
#define AGENT_PLACEDIR_H

#include "base/err.h"

/*
 * The directory in which agents listen, and the sockets in it.  It must belong
 * to our own user and have mode 0700: what is in it is trusted, so nobody else
 * may be able to put anything there.
 *
 * Its path may be longer than the address of a socket has room for, so the
 * working directory is changed for a moment.  None of this is for threads.
 * The name of a socket must fit into its address (107 bytes).
 */

/*
 * Open it.  Returns 0 with a descriptor, 1 if it is missing, or -1: ERR_LOCAL
 * if it cannot be opened, or if its owner or mode is wrong.
 */
int	 placedir_open(const char *dir, int *fd, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Open it, and make it (one level) if it is missing.  Returns 0 or -1. */
int	 placedir_make(const char *dir, int *fd, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Connect to the socket "name" in the directory.  The process that listens
 * must run as our user.  Returns 0 with a descriptor that does not block, 1 if
 * nobody listens, or -1: ERR_LOCAL, also if the queue of connections is full.
 */
int	 placedir_connect(int dir, const char *name, int *sock,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Listen at a new socket "name" in the directory, in place of a stale one.
 * The caller must hold the lock.  ERR_LOCAL if the socket cannot be made, or
 * if placedir_drop() fails.
 */
int	 placedir_listen(int dir, const char *name, int *sock, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * To be called by the process that serves the socket, if another one made it:
 * from now on a connection shows this process's number to its other end.
 * ERR_LOCAL.
 */
int	 placedir_own(int sock, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove the socket "name" from the directory if it is there.  The caller must
 * hold the lock, so that nobody listens there.  ERR_LOCAL if that name belongs
 * to anything but a socket of our user; that is left alone.
 */
int	 placedir_drop(int dir, const char *name, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_PLACEDIR_H */
