/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHLINE_H
#define PUSHER_PUSHLINE_H

#include <stdatomic.h>

#include "pusher/pushpool.h"

/*
 * A line: one connection of the pusher, and the pushes under way on it.  While
 * one file is compressed and sent, the archive is already asked about the next
 * ones, and those before it become durable.  It connects when it gets its
 * first job, or by pushline_connect().  For one thread.
 */
#define PUSHLINE_MAX	16		/* pushes under way */
#define PUSHLINE_RUN	4		/* see pushline_run() */
#define PUSHLINE_UNSENT	(PUSHLINE_RUN + 1)	/* ... that are not sent yet */
#define PUSHLINE_SPARE	2		/* places for files that are asked
					   for */

struct pushline;

/* How a push ended. */
struct pushline_end {
	struct pushqueue_job *job;
	struct err	 err;		/* ERR_NONE: it is durable */
	int		 whole;		/* the file is still job->id */
	int		 lost;		/* the connection failed, not the
					   push */
	int		 worked;	/* if lost: it had worked before */
	int		 refused;	/* if lost: it was never made */
	uint8_t		 repository[MARKER_ID];	/* if it is durable: where */
};

/*
 * Called by pushline_work() once for each job that was added; pushline_free()
 * does not call it.  *end is valid during the call, and end->job is not used
 * by the line any more.
 */
typedef void	 pushline_ended(void *arg, const struct pushline_end *end);

struct pushline_conf {
	const struct pushpool_conf *pool;	/* borrowed */
	const atomic_int *stop;		/* borrowed; set: abandon pushes */
	pushline_ended	*ended;
	int		(*turn)(void *arg, const struct pushqueue_job *job);
					/* pushqueue_turn() */
	void		(*waits)(void *arg, int begins);
					/* as in struct store_conf */
	void		(*note)(void *arg, const char *text);
					/* a line for the log; may be NULL */
	void		*arg;
	int		 spare;		/* as in struct store_conf */
};

/* ERR_LOCAL for memory.  Nothing is connected yet. */
int	 pushline_new(struct pushline **out, const struct pushline_conf *conf,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Abandon what is under way, and disconnect.  NULL is fine. */
void	 pushline_free(struct pushline *l);

/* Whether any push is under way; the number of those that are not sent yet. */
int	 pushline_busy(const struct pushline *l);
size_t	 pushline_unsent(const struct pushline *l);

/*
 * Whether it can take another job; with "ahead", one that nobody asked for.
 * Some places are kept free for files that are asked for.
 */
int	 pushline_room(const struct pushline *l, int ahead);

/* Whether it is connected. */
int	 pushline_warm(const struct pushline *l);

/*
 * How many jobs that nobody asked for it should take now: 0 while two or more
 * wait to be sent, else at most PUSHLINE_RUN.
 *
 * Names become visible in order.  Segments that follow each other on one line
 * do so at once; from one line to another it takes a round trip.  So if files
 * that were sent wait for their turn, the line takes several in a row.
 */
size_t	 pushline_run(const struct pushline *l);

/* Connect before there is a job.  Returns 0, or 1 if that failed. */
int	 pushline_connect(struct pushline *l) __attribute__((nonnull));

/* Take on a job; it is borrowed.  There must be room: pushline_room(). */
void	 pushline_add(struct pushline *l, struct pushqueue_job *job,
	    struct codec_spec codec) __attribute__((nonnull));

/*
 * Do the next thing, or wait for the next answer.  It must be busy.  Returns
 * 0, or 1 if there is nothing to do but to wait for the turn of files that
 * were sent.
 */
int	 pushline_work(struct pushline *l) __attribute__((nonnull));

/*
 * Keep an idle connection alive; to be called every few seconds while it is
 * not busy.  Disconnects if the connection is lost, or if it is not "wanted".
 */
void	 pushline_keep(struct pushline *l, int wanted)
	    __attribute__((nonnull));

/* The archive that it is connected to, to be used while it is not busy. */
struct archive *pushline_archive(struct pushline *l) __attribute__((nonnull));

#endif /* PUSHER_PUSHLINE_H */
