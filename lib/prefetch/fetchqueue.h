/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHQUEUE_H
#define PREFETCH_FETCHQUEUE_H

#include <stdint.h>

#include "prefetch/fetchask.h"

/*
 * Which WAL files are to be fetched, in which order, and what becomes of
 * them: those that are asked for, and those of the window (fetchwindow.h).  It
 * knows no threads, no files and no clock.  The caller locks.
 *
 * A file is wanted, then being fetched, then here.  In the end it is given to
 * the client that asked for it, or dropped:
 *
 *	fetchqueue_ask()	a client asks for a file
 *	fetchqueue_take()	what to fetch next, and
 *	fetchqueue_done()	... the result
 *	fetchqueue_give()	a file that is here, for a client, and
 *	fetchqueue_given()	... the result
 *	fetchqueue_drop()	a file that nobody wants any more, and
 *	fetchqueue_dropped()	... that it is gone
 *	fetchqueue_answer()	a request that has its answer
 *
 * The window moves when a segment that was asked for is found.  Files that
 * fall out of it are dropped.  If a segment of the window is absent, or cannot
 * be fetched because of the network or a disk, the window ends there until it
 * moves again; a damaged one is left out.
 *
 * A failure, and absence, answer a request only if the fetch began after it.
 * So what failed while it was fetched ahead is fetched again when it is asked
 * for.  A fetch that began before the request, or before the window moved,
 * counts only if it succeeds.
 *
 * If a fetch that was asked for fails on this host (its disk is full, mostly),
 * everything that was fetched ahead is dropped, and it is tried once more.
 */
struct fetchqueue;

/* A file, as callers see it.  An id is never used twice. */
struct fetchqueue_file {
	uint64_t	 id;
	char		 name[WALNAME_TEXT];
	const struct fetchask *ask;	/* the first request that waits for
					   it, or NULL; borrowed */
};

/*
 * "segsize" and "ahead" are the window's: see fetchwindow_of().  ERR_LOCAL for
 * memory.
 */
int	 fetchqueue_new(struct fetchqueue **out, uint64_t segsize,
	    unsigned ahead, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Requests that are still in the queue are not freed.  NULL is fine. */
void	 fetchqueue_free(struct fetchqueue *q);

/*
 * A client asks.  The request belongs to the queue until one of the functions
 * below returns it.
 */
void	 fetchqueue_ask(struct fetchqueue *q, struct fetchask *a)
	    __attribute__((nonnull));

/*
 * The client of that ticket is gone.  Returns its request; or NULL if that is
 * answered, or if a file is being given to it.
 */
struct fetchask *fetchqueue_forget(struct fetchqueue *q, uint64_t ticket)
	    __attribute__((warn_unused_result, nonnull));

/* For the end: returns any request that still waits, or NULL. */
struct fetchask *fetchqueue_any(struct fetchqueue *q)
	    __attribute__((warn_unused_result, nonnull));

/* How many files could be taken now. */
unsigned fetchqueue_waiting(const struct fetchqueue *q)
	    __attribute__((warn_unused_result, nonnull));

/* Returns 1 with a file that is to be fetched, or 0. */
int	 fetchqueue_take(struct fetchqueue *q, struct fetchqueue_file *out)
	    __attribute__((warn_unused_result, nonnull));

/* Whether nobody wants that file any more, so that its fetch may end. */
int	 fetchqueue_unwanted(const struct fetchqueue *q, uint64_t id)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The fetch of that file ended: "rc" is 0 if the file is here, 1 if it is
 * absent, 2 if so though part of it was streamed, or -1 with *e.
 */
void	 fetchqueue_done(struct fetchqueue *q, uint64_t id, int rc,
	    const struct err *e) __attribute__((nonnull));

/* Returns 1 with a file that is here and the request that gets it, or 0. */
int	 fetchqueue_give(struct fetchqueue *q, struct fetchqueue_file *out,
	    struct fetchask **who)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The file was given to request "a" if "rc" is 0, and is gone from here.  If
 * "rc" is -1, the request gets *e as its answer and the file is dropped.
 */
void	 fetchqueue_given(struct fetchqueue *q, uint64_t id,
	    struct fetchask *a, int rc, const struct err *e)
	    __attribute__((nonnull));

/* Returns 1 with a file that is to be removed, or 0. */
int	 fetchqueue_drop(struct fetchqueue *q, struct fetchqueue_file *out)
	    __attribute__((warn_unused_result, nonnull));

/* That file was removed. */
void	 fetchqueue_dropped(struct fetchqueue *q, uint64_t id)
	    __attribute__((nonnull));

/* Returns a request that has its answer, or NULL. */
struct fetchask *fetchqueue_answer(struct fetchqueue *q)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHQUEUE_H */
