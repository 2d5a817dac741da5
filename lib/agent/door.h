/* SPDX-License-Identifier: ISC */
#ifndef AGENT_DOOR_H
#define AGENT_DOOR_H

#include <stdint.h>

#include "base/err.h"

/*
 * Where clients connect to an agent: a listening socket, and one descriptor
 * that is kept in reserve.  When no other descriptor is left, closing it makes
 * room to accept one more client, which is refused with a reason.
 */
struct door {
	int	 listening;		/* borrowed */
	int	 spare;			/* -1: there was none left for it */
	int64_t	 paused_until;		/* on the clock of clock_mono_ms() */
};

/* ERR_LOCAL if there is no descriptor to keep in reserve. */
int	 door_open(struct door *d, int listening, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* The listening socket stays open. */
void	 door_close(struct door *d) __attribute__((nonnull));

/* Try again to keep a descriptor in reserve, if there is none. */
void	 door_restock(struct door *d) __attribute__((nonnull));

/* The socket to poll(2) for at "now", or -1 while the door is paused. */
int	 door_fd(const struct door *d, int64_t now) __attribute__((nonnull));

/*
 * Accept a connection.  *fd is the client's and does not block.  It is -1 if
 * nobody waits any more, if the client runs as another user, or if no
 * descriptor is left: then the client was refused, or else the door is paused
 * for a second.  Returns -1, ERR_LOCAL, if the socket is of no use any more.
 */
int	 door_accept(struct door *d, int *fd, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Send a refusal with that reason to a client, unless it is gone. */
void	 door_refuse(int fd, const char *why) __attribute__((nonnull));

#endif /* AGENT_DOOR_H */
