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
	CREW_WORK,		/* there may be work: jobs wait for this */
	CREW_DONE		/* work may be done: the maker waits for this */
};

/* Make a crew without threads.  ERR_LOCAL if memory or locks run out. */
int	 crew_new(struct crew **out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Start one more thread, which runs job(arg, e).  A job returns 0, or -1 to
 * stop the crew with its error.  Do not call this under the lock.  ERR_LOCAL
 * if the thread cannot be started; threads that were started before run on
 * until crew_free().
 */
int	 crew_start(struct crew *c, int (*job)(void *arg, struct err *e),
	    void *arg, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

void	 crew_lock(struct crew *c) __attribute__((nonnull));
void	 crew_unlock(struct crew *c) __attribute__((nonnull));

/*
 * Release the lock, sleep until the event or for "ms" milliseconds, and take
 * the lock again; a negative "ms" sets no limit.  Returns 1 if the time was
 * over, else 0.  It may wake without an event, so check again what you wait
 * for.  Call this under the lock.
 */
int	 crew_wait(struct crew *c, enum crew_event what, int ms)
	    __attribute__((nonnull));

/* Wake one of the threads that wait for the event, or all of them. */
void	 crew_signal(struct crew *c, enum crew_event what)
	    __attribute__((nonnull));
void	 crew_broadcast(struct crew *c, enum crew_event what)
	    __attribute__((nonnull));

/*
 * Returns 0, or -1 with the error of the first job that failed.  Call this
 * under the lock.
 */
int	 crew_check(const struct crew *c, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the crew is to stop, because it was asked to or a job failed.  Jobs
 * check this before they wait, with or without the lock.  The flag, which is
 * non-zero then, is for code that does not know crews; it lives as long as
 * the crew.
 */
int	 crew_stopping(const struct crew *c) __attribute__((nonnull));
const atomic_int *crew_stop_flag(const struct crew *c)
	    __attribute__((nonnull));

/* Returns 1 to the first job of the crew that calls it, and 0 to the others. */
int	 crew_is_first(struct crew *c) __attribute__((nonnull));

/*
 * Ask all jobs to stop, and wait at most "ms" milliseconds for them to end.
 * Do not call this under the lock.  Returns 0 if they have ended, or 1 if one
 * still runs, for example in a connection that hangs.  Then do not free the
 * crew, nor anything that its jobs may use, and end the process.
 */
int	 crew_end(struct crew *c, int ms)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask all jobs to stop, wait until they have ended, and release the crew.
 * NULL is fine.
 */
void	 crew_free(struct crew *c);

#endif /* BASE_CREW_H */
