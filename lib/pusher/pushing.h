/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHING_H
#define PUSHER_PUSHING_H

#include <stdatomic.h>

#include "pusher/pushpool.h"
#include "wal/walpush.h"

/*
 * One push under way on a connection:
 *
 *	NEW -> OPENED -> SENDING -> SENT -> ended
 *
 * FAILED is a push that cannot go on and was not given back yet; LOST one
 * whose connection is gone.
 */
enum pushing_state {
	PUSHING_FREE,			/* no push */
	PUSHING_NEW,			/* nothing was done yet */
	PUSHING_OPENED,			/* asked what is there */
	PUSHING_SENDING,
	PUSHING_SENT,			/* becoming durable */
	PUSHING_FAILED,
	PUSHING_LOST
};

/* What all pushes on a connection have in common; all of it is borrowed. */
struct pushing_conf {
	const struct pushpool_conf *pool;
	const atomic_int *stop;		/* set: pushes are abandoned */

	/* Whether a job's file may become visible: see pushqueue_turn(). */
	int		(*turn)(void *arg, const struct pushqueue_job *);
	void		*turn_arg;

	/* Called again and again while a file is sent: see walpush.h. */
	void		(*meanwhile)(void *arg);
	void		*meanwhile_arg;
};

/* All zero, with "conf", is free. */
struct pushing {
	const struct pushing_conf *conf;
	enum pushing_state state;
	unsigned	 since;		/* smaller is older */
	struct pushqueue_job *job;	/* borrowed */
	struct codec_spec codec;
	struct walpush	*walpush;	/* owned */
	int		 held;		/* it is not its turn yet */
	struct err	 err;		/* why it FAILED */
};

/*
 * NEW becomes OPENED: open the job's file unless that is done, and ask what
 * the archive has of that name.  Does not wait.  Returns -1 with the state
 * left as it was: ERR_LOCAL if the file cannot be read, is not the one that
 * PostgreSQL will ask for, or the agent ends; or as walpush_open().
 */
int	 pushing_open(struct pushing *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * SENT: take the answers that arrived and do what they allow, if it is the
 * job's turn.  Returns 1 once the file is durable, else 0; the state may be
 * FAILED then.
 */
int	 pushing_step(struct pushing *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the open file is still the one that "id" of the job says. */
int	 pushing_is_whole(const struct pushing *) __attribute__((nonnull));

/* Abandon what is not done; the state stays. */
void	 pushing_abandon(struct pushing *) __attribute__((nonnull));

#endif /* PUSHER_PUSHING_H */
