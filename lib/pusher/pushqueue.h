/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHQUEUE_H
#define PUSHER_PUSHQUEUE_H

#include <stdint.h>

#include "pusher/pushid.h"
#include "pusher/ready.h"

/*
 * What the pusher has to do, what it is doing, and what it has done: which
 * request waits for which job, and which result answers which request.  It
 * knows no threads, no clock and no files, but it owns the descriptors that
 * it is given.  The caller locks.
 *
 *	pushqueue_ask()		a client asks for a file
 *	pushqueue_listed()	these files wait to be archived
 *	pushqueue_take()	the next job, and
 *	pushqueue_finish()	its end, with the requests that it answers; or
 *	pushqueue_return()	it was not done, and is to be done again
 *
 * At most one job for each name is under way.  A request for that name waits
 * until the job ends, and takes its result if the job pushed the very same
 * file (struct pushid) and another attempt could end no better.  Otherwise
 * the file is pushed once more, from the request's own descriptor, and that
 * result is final.
 */
#define PUSHQUEUE_JOBS	256		/* under way at the same time */

struct pushqueue;

/* A request that waits for its answer. */
struct pushqueue_ask {
	uint64_t	 ticket;
	char		 name[WALNAME_TEXT];
	int		 fd;		/* owned; -1 while its job has it */
	struct pushid	 id;
	struct pushqueue_job *job;	/* that it waits for, or NULL */
	int		 own;		/* "job" pushes from its descriptor */
	int		 again;		/* its own job was returned before */
	struct pushqueue_ask *next;
};

/* A push under way. */
struct pushqueue_job {
	char		 name[WALNAME_TEXT];
	int		 asked;		/* else it is pushed ahead */
	int		 again;		/* it was returned before */
	int		 fd;		/* owned by the queue; -1 if nobody
					   asked: whoever pushes it opens it */
	struct pushid	 id;		/* of "fd", set with it */
	int		 vain;		/* a segment before it failed */
	const void	*line;		/* which connection has it; set by
					   whoever takes it */
	int		 named;		/* the server was asked for its name
					   on "line": what is asked there from
					   now on comes later.  For that
					   line's thread alone. */
	int		 used;		/* the queue's own */
};

/* ERR_LOCAL for memory. */
int	 pushqueue_new(struct pushqueue **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Close all descriptors and release all.  NULL is fine. */
void	 pushqueue_free(struct pushqueue *q);

/*
 * A client asks for the file "name", open as "fd", which is *id.  "fd" belongs
 * to the queue from here on, whatever is returned.  Returns 0 if the answer
 * comes later; 1 if that very file was pushed ahead, which counts once: a
 * second request pushes it again; or -1, ERR_LOCAL, for memory.
 */
int	 pushqueue_ask(struct pushqueue *q, uint64_t ticket,
	    const char *name, int fd, const struct pushid *id, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The client of that ticket is gone.  A job that is under way goes on.  If
 * there is none and nobody else asked for that name, the queue does not know
 * the name any more, so no segment behind it is pushed ahead until they are
 * listed or asked for again.
 */
void	 pushqueue_forget(struct pushqueue *q, uint64_t ticket)
	    __attribute__((nonnull));

/*
 * These files wait to be archived.  Those that are new are to be pushed ahead,
 * except segments behind one that cannot be pushed.  The listing replaces the
 * one before.
 */
void	 pushqueue_listed(struct pushqueue *q, const struct ready *r)
	    __attribute__((nonnull));

/* How many jobs could be taken; with "ahead", also those nobody asked for. */
size_t	 pushqueue_waiting(const struct pushqueue *q, int ahead)
	    __attribute__((nonnull));

/*
 * Of the last listing: how many files are not in the repository, as far as is
 * known, and how many of these nobody has asked for.  Files that cannot be
 * pushed do not count.
 */
size_t	 pushqueue_backlog(const struct pushqueue *q)
	    __attribute__((nonnull));
size_t	 pushqueue_unasked(const struct pushqueue *q)
	    __attribute__((nonnull));

/*
 * Whether a job's file may become visible now.  Returns 1; 0 if not yet; or
 * -1 if it never will, and the job is to fail.
 *
 * A segment that nobody asked for waits for all segments before it on its
 * timeline that PostgreSQL has not archived either.  So if this host is lost
 * in the middle of a backlog, the repository has no gap that makes the WAL
 * behind it useless.
 *
 * A segment whose name was asked for on the same line counts as done, since
 * the server gets that request first.  Should the server refuse it (its disk
 * is full), segments whose names were asked for right behind it may become
 * visible before it.  They stay, and the gap lasts until PostgreSQL asks for
 * the refused one again.
 */
int	 pushqueue_turn(const struct pushqueue *q,
	    const struct pushqueue_job *job)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The next job, or NULL: requests first, in their order; with "ahead", then
 * files that nobody asked for, in theirs.
 */
struct pushqueue_job *pushqueue_take(struct pushqueue *q, int ahead)
	    __attribute__((nonnull));

/*
 * A job has ended; *job must not be used afterwards.  "kind" is ERR_NONE if
 * the file is durable.  "whole" says that the file was job->id before and
 * after.  Returns the requests that get this result, linked by "next"; the
 * caller frees each with pushqueue_ask_free().
 */
struct pushqueue_ask *pushqueue_finish(struct pushqueue *q,
	    struct pushqueue_job *job, enum err_kind kind, int whole)
	    __attribute__((warn_unused_result, nonnull));

/*
 * A job was not done; *job must not be used afterwards.  If somebody waits for
 * it, or if it was pushed ahead, whoever takes the next job does it again.  If
 * a segment before it failed, or the client that asked for it is gone, it and
 * those behind it wait until they are listed or asked for again.
 */
void	 pushqueue_return(struct pushqueue *q, struct pushqueue_job *job)
	    __attribute__((nonnull));

/* Close its descriptor, and free it.  NULL is fine. */
void	 pushqueue_ask_free(struct pushqueue_ask *a);

#endif /* PUSHER_PUSHQUEUE_H */
