/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHLINE_H
#define PUSHER_PUSHLINE_H

#include <stdatomic.h>

#include "pusher/pushpool.h"

/*
 * One connection of the pusher and the pushes under way on it: while one
 * file is compressed and sent, the next one is asked for already and those
 * before it become durable.  It connects when it is first needed, or when
 * told.  For one thread.
 */
#define PUSHLINE_MAX	16		/* pushes under way */
#define PUSHLINE_RUN	4		/* of which one after the other */
#define PUSHLINE_UNSENT	(PUSHLINE_RUN + 1)	/* ... and not yet sent */
#define PUSHLINE_SPARE	2		/* left for what is asked for */

struct pushline;

/* How a push ended. */
struct pushline_end {
	struct pushqueue_job *job;
	struct err	 err;		/* ERR_NONE: it is durable */
	int		 whole;		/* the file is still job->id */
	int		 lost;		/* it is the connection that failed */
	int		 worked;	/* ... and it had worked before */
	int		 refused;	/* ... or there never was one */
};

/*
 * Each job that was added comes back once, by "ended", which is called by
 * pushline_work() only; the pointer is valid during the call.
 */
typedef void	 pushline_ended(void *arg, const struct pushline_end *);

struct pushline_conf {
	const struct pushpool_conf *pool;	/* borrowed */
	const atomic_int *stop;		/* set: pushes are abandoned */
	pushline_ended	*ended;
	int		(*turn)(void *arg, const struct pushqueue_job *);
					/* pushqueue_turn() */
	void		(*waits)(void *arg, int begins);
					/* as in struct store_conf */
	void		*arg;
};

int	 pushline_new(struct pushline **, const struct pushline_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Abandon what is under way, and disconnect. */
void	 pushline_free(struct pushline *);		/* NULL is fine */

int	 pushline_busy(const struct pushline *);	/* with anything */
size_t	 pushline_unsent(const struct pushline *);	/* as yet */

/* For another one; places are left for what is asked for. */
int	 pushline_room(const struct pushline *, int ahead);
int	 pushline_warm(const struct pushline *);	/* is connected */

/*
 * How many to take at a time, of those that nobody asked for: 0 as long as
 * there are others to be sent next.
 *
 * Names become visible in order.  Over one line they follow each other at
 * once, from one line to another with a round trip between them.  Where files
 * that were sent wait for that, the line takes several in a row.
 */
size_t	 pushline_run(const struct pushline *);

/* Connect before there is anything to do.  Returns 1 if that fails. */
int	 pushline_connect(struct pushline *) __attribute__((nonnull));

/* Take on a job.  pushline_room() must be. */
void	 pushline_add(struct pushline *, struct pushqueue_job *,
	    struct codec_spec) __attribute__((nonnull));

/*
 * Do the next thing, or wait for the next answer.  It must be busy.  Returns
 * 0, or 1 if all that can be done is to wait for the turn of what was sent.
 */
int	 pushline_work(struct pushline *) __attribute__((nonnull));

/*
 * To be called every few seconds while it is not busy: a connection that is
 * lost meanwhile, or that is not wanted any more, is closed.
 */
void	 pushline_keep(struct pushline *, int wanted) __attribute__((nonnull));

#endif /* PUSHER_PUSHLINE_H */
