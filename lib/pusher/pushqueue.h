/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHQUEUE_H
#define PUSHER_PUSHQUEUE_H

#include <stdint.h>

#include "pusher/pushid.h"
#include "pusher/ready.h"

/*
 * What the pusher has to do, what it does at the moment, and what it has
 * done: who waits for what, and which result is whose.  No threads, no clock
 * and no files, but it owns the descriptors that it was given.
 *
 * Of each name one job at most is under way.  Who asks for a name that is
 * waits for its end, and takes the result if it was the very same file
 * (struct pushid).  Otherwise, and after a failure that another
 * attempt might not have, the file is pushed from the asker's descriptor,
 * and that result is final.
 */
#define PUSHQUEUE_JOBS	256		/* under way at the same time */

struct pushqueue;

/* One who waits for an answer. */
struct pushqueue_ask {
	uint64_t	 ticket;
	char		 name[WALNAME_TEXT];
	int		 fd;		/* owned; -1 while its job has it */
	struct pushid id;
	struct pushqueue_job *job;	/* that it waits for */
	int		 own;		/* that job is its own */
	int		 again;		/* it was returned once */
	struct pushqueue_ask *next;
};

/* One push under way. */
struct pushqueue_job {
	char		 name[WALNAME_TEXT];
	int		 asked;		/* else pushed ahead */
	int		 again;		/* was returned once */
	int		 fd;		/* owned; -1 until opened if ahead */
	struct pushid id;		/* of what is read; set by who opens */
	int		 vain;		/* ahead of one that failed */
	const void	*line;		/* over which it goes; set by who takes
					   it */
	int		 named;		/* its name was asked for there, and
					   what is asked there now comes later;
					   for that line's thread alone */
	int		 used;
};

int	 pushqueue_new(struct pushqueue **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pushqueue_free(struct pushqueue *);		/* NULL is fine */

/*
 * Somebody asks.  "fd" is taken over.  Returns 0 if the answer comes later,
 * 1 if that very file was pushed ahead (once: who asks again gets it pushed
 * again), or -1: ERR_LOCAL for memory.
 */
int	 pushqueue_ask(struct pushqueue *, uint64_t ticket, const char *name,
	    int fd, const struct pushid *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Who asked is gone.  What is under way goes on; what was not is known no
 * more, and none behind it may go until it is listed or asked for again.
 */
void	 pushqueue_forget(struct pushqueue *, uint64_t ticket)
	    __attribute__((nonnull));

/*
 * What waits to be archived now: all of it that is new is pushed ahead, but
 * nothing behind a segment that cannot be pushed.
 */
void	 pushqueue_listed(struct pushqueue *, const struct ready *)
	    __attribute__((nonnull));

/* How many jobs could be taken; with "ahead" also those nobody asked for. */
size_t	 pushqueue_waiting(const struct pushqueue *, int ahead)
	    __attribute__((nonnull));

/*
 * Of what was listed last: how many are not in the repository as far as is
 * known, and how many of these nobody asked for.  Files that cannot be
 * pushed do not count.
 */
size_t	 pushqueue_backlog(const struct pushqueue *) __attribute__((nonnull));
size_t	 pushqueue_unasked(const struct pushqueue *) __attribute__((nonnull));

/*
 * Whether a job's file may become visible now: 1; 0 if not yet; or -1 if it
 * will not, and the job shall fail.
 *
 * A segment that nobody asked for waits for all before it on its timeline
 * that PostgreSQL has not archived either: a host that is lost in the middle
 * of a backlog leaves no gap behind which WAL is stored to no avail.  Those
 * whose names were asked for on the same line count as done: their requests
 * arrive before.  Should the server refuse one of these (it is full), those
 * that were asked for before it said so, and are not refused, are there until
 * PostgreSQL asks again.
 */
int	 pushqueue_turn(const struct pushqueue *, const struct pushqueue_job *)
	    __attribute__((warn_unused_result, nonnull));

/* The next thing to do, or NULL. */
struct pushqueue_job *pushqueue_take(struct pushqueue *, int ahead)
	    __attribute__((nonnull));

/*
 * The end of a job, which is gone afterwards: "kind" is ERR_NONE if the file
 * is durable.  "whole" says that it was the same file ("id") before and
 * after.  Returns those who are to be told this result, each to be freed
 * with pushqueue_ask_free().
 */
struct pushqueue_ask *pushqueue_finish(struct pushqueue *,
	    struct pushqueue_job *, enum err_kind kind, int whole)
	    __attribute__((warn_unused_result, nonnull));

/*
 * It was not done, and is to be done again by whoever takes it next; or, if
 * it was given up behind another or who asked for it is gone, once it is
 * listed or asked for again, as are those behind it.
 */
void	 pushqueue_return(struct pushqueue *, struct pushqueue_job *)
	    __attribute__((nonnull));

void	 pushqueue_ask_free(struct pushqueue_ask *);	/* NULL is fine */

#endif /* PUSHER_PUSHQUEUE_H */
