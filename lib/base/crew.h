/* SPDX-License-Identifier: ISC */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stdatomic.h>

#include "base/err.h"

/*
 * A crew: threads that share one lock, wait for work, and stop together.
 *
 *	if (crew_new(&c, e))
 *		return (-1);
 *	for (i = 0; i < jobs; i++)
 *		if (crew_start(c, job, arg, e))
 *			goto out;
 *	crew_lock(c);
 *	... put work where the jobs look for it ...
 *	crew_signal(c, CREW_WORK);
 *	while (!done && crew_check(c, e) == 0)
 *		(void)crew_wait(c, CREW_DONE, 1000);
 *	crew_unlock(c);
 * out:
 *	crew_free(c);
 *
 * What the threads share, queues and counts, belongs to the caller and is
 * touched under the crew's lock.  The first job that fails stops the whole
 * crew, and its error is the one that the caller gets.
 *
 * All signals are blocked in the threads of a crew, so the thread that made
 * it receives those sent to the process.
 */
struct crew;

enum crew_event {
	CREW_WORK,		/* jobs wait for it: there may be work */
	CREW_DONE		/* others wait for it: work may be done */
};

/* Returns ERR_LOCAL if memory or locks run out. */
int	 crew_new(struct crew **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Start one more thread, which runs job(arg, e).  A job returns 0, or -1 to
 * stop the crew with its error.  Not under the lock.  ERR_LOCAL if the thread
 * cannot be started; those started before run on until crew_free().
 */
int	 crew_start(struct crew *, int (*job)(void *arg, struct err *e),
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

void	 crew_lock(struct crew *) __attribute__((nonnull));
void	 crew_unlock(struct crew *) __attribute__((nonnull));

/*
 * Under the lock: sleep until the event, or for "ms" milliseconds; a negative
 * "ms" sets no limit.  Returns 1 if the time was over, else 0.  It may wake
 * without an event, so look again at what is waited for.
 */
int	 crew_wait(struct crew *, enum crew_event, int ms)
	    __attribute__((nonnull));

/* Wake one thread, or all, that wait for the event. */
void	 crew_signal(struct crew *, enum crew_event) __attribute__((nonnull));
void	 crew_broadcast(struct crew *, enum crew_event)
	    __attribute__((nonnull));

/* Under the lock: 0, or -1 with the error of the first job that failed. */
int	 crew_check(const struct crew *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the crew is to stop: asked for, or because a job failed.  Jobs look
 * at it before they wait, with or without the lock.  The flag is for code
 * that does not know crews.
 */
int	 crew_stopping(const struct crew *) __attribute__((nonnull));
const atomic_int *crew_stop_flag(const struct crew *)
	    __attribute__((nonnull));

/*
 * Ask all jobs to stop, and wait at most "ms" milliseconds for them to end.
 * Not under the lock.  Returns 0 once they have ended.  Returns 1 if one
 * still runs (a connection hangs): leave the crew, and all that its jobs may
 * use, alone, and end the process.
 */
int	 crew_end(struct crew *, int ms)
	    __attribute__((warn_unused_result, nonnull));

/* Ask all jobs to stop, wait until they have ended, release; NULL is fine. */
void	 crew_free(struct crew *);

#endif /* BASE_CREW_H */
