/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVEWATCH_H
#define RECEIVE_RECEIVEWATCH_H

#include "cluster/sql.h"
#include "receive/receiveconf.h"

/*
 * What a person should hear of the server's settings, and of the WAL that it
 * keeps while nothing is received.
 */
struct receivewatch {			/* zeroed at first */
	int		 warned;	/* of settings */
	int64_t		 looked;	/* when; 0: never */
	unsigned	 level;		/* what was said, see receiveroom.h */
};

/* Look at the settings, once. */
int	 receivewatch_settings(struct receivewatch *,
	    const struct receive_conf *, struct sql *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Between two attempts: ask the server what it keeps, every minute at most,
 * and say so where it has become more urgent.  A server that does not answer
 * is no failure here.
 */
void	 receivewatch_room(struct receivewatch *,
	    const struct receive_conf *) __attribute__((nonnull));

/* WAL is received again: what was said is forgotten. */
void	 receivewatch_well(struct receivewatch *) __attribute__((nonnull));

#endif /* RECEIVE_RECEIVEWATCH_H */
