/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHING_H
#define PUSHER_PUSHING_H

#include <stdatomic.h>

#include "pusher/pushpool.h"
#include "wal/walpush.h"

/*
 * One push under way on a connection.  Its states follow each other:
 *
 *	NEW -> OPENED -> SENDING -> SENT -> FREE
 *
 * A push that cannot go on is FAILED, and one whose connection is gone is
 * LOST, until its job was given back; then it is FREE.
 */
enum pushing_state {
	PUSHING_FREE,			/* there is no push */
	PUSHING_NEW,			/* nothing was done yet */
	PUSHING_OPENED,			/* the archive was asked about it */
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
	int		(*turn)(void *arg, const struct pushqueue_job *job);
	void		*turn_arg;

	/* Called again and again while a file is sent: see walpush.h. */
	void		(*meanwhile)(void *arg);
	void		*meanwhile_arg;

	/* Called with a line for the log; may be NULL. */
	void		(*note)(void *arg, const char *text);
	void		*note_arg;
};

/* All zero, but for "conf", is free. */
struct pushing {
	const struct pushing_conf *conf;
	enum pushing_state state;
	unsigned	 since;		/* smaller is older */
	struct pushqueue_job *job;	/* borrowed */
	struct codec_spec codec;
	struct walpush	*walpush;	/* owned */
	int		 held;		/* its turn has not come yet */
	uint8_t		 repository[MARKER_ID];	/* once it is SENT: its id */
	struct err	 err;		/* why it FAILED */
};

/*
 * NEW becomes OPENED: open the job's file unless somebody asked for it, and
 * ask the archive what it has of that name, without waiting.  If it fails the
 * state stays: ERR_LOCAL if the file cannot be opened, PostgreSQL does not
 * want it archived any more, or the agent ends; or as walpush_open().
 */
int	 pushing_open(struct pushing *p, struct archive *a, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For one that is SENT: if its turn has come, take the answers that arrived
 * and do what they allow.  Returns 1 once the file is durable, else 0; then
 * the state may have become FAILED.
 */
int	 pushing_step(struct pushing *p)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the job's file is open and still is job->id: 1 or 0. */
int	 pushing_is_whole(const struct pushing *p) __attribute__((nonnull));

/* Abandon what is not durable yet; the state stays. */
void	 pushing_abandon(struct pushing *p) __attribute__((nonnull));

#endif /* PUSHER_PUSHING_H */
