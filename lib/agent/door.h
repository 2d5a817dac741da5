/* SPDX-License-Identifier: ISC */
#ifndef AGENT_DOOR_H
#define AGENT_DOOR_H

#include <stdint.h>

#include "base/err.h"

/*
 * Where clients connect to an agent: a listening socket, and one descriptor
 * that is kept in reserve, so that a client can be refused when no other is
 * left.
 */
struct door {
	int	 listening;		/* borrowed */
	int	 spare;			/* -1: there was none left for it */
	int64_t	 paused_until;		/* on the clock of clock_mono_ms() */
};

/* ERR_LOCAL if there is no descriptor to keep in reserve. */
int	 door_open(struct door *, int listening, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* The listening socket stays open. */
void	 door_close(struct door *) __attribute__((nonnull));

/* Keep a descriptor in reserve again, if one was used up and is free now. */
void	 door_restock(struct door *) __attribute__((nonnull));

/*
 * The socket for poll(2), or -1 while it is not to be looked at: no
 * descriptor is left, and poll(2) would report the same client for ever.
 */
int	 door_fd(const struct door *, int64_t now) __attribute__((nonnull));

/*
 * Accept a connection.  *fd is the client's, not blocking, or -1 if none was
 * accepted: nobody waits any more, it was another user's process, or no
 * descriptor is left and the client was refused.  Returns -1, ERR_LOCAL, if
 * the socket can no longer be used.
 */
int	 door_accept(struct door *, int *fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Send a refusal to a client, which then does the work itself; a client that
 * is gone needs none.
 */
void	 door_refuse(int fd, const char *why) __attribute__((nonnull));

#endif /* AGENT_DOOR_H */
