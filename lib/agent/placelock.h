/* SPDX-License-Identifier: ISC */
#ifndef AGENT_PLACELOCK_H
#define AGENT_PLACELOCK_H

#include "base/err.h"

/*
 * The lock file of an agent, in the directory that is open as "dir".  An agent
 * holds it locked (flock(2)) as long as it lives, and removes it when it
 * leaves.
 */

/*
 * Open and lock the file "name".  "flags" is O_CREAT to make it if it is
 * missing, else 0.  Returns 0 with a descriptor, 1 if another process holds
 * the lock, or -1: ERR_LOCAL if it is missing, cannot be opened, or is not a
 * regular file of our user.
 */
int	 placelock_take(int dir, const char *name, int flags, int *fd,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Whether "fd" is still the file that has that name in "dir": 1 or 0. */
int	 placelock_is_named(int dir, const char *name, int fd)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_PLACELOCK_H */
