/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHWORK_H
#define RESTORE_FETCHWORK_H

#include "base/crew.h"
#include "restore/fetcher_conf.h"
#include "restore/fetchpiece.h"

/*
 * What a fetcher's jobs share with its caller: the queue of pieces, the open
 * files, the counts.  The caller puts pieces in, the jobs take them out, and
 * the last who holds a file closes it.
 *
 * The functions take the crew's lock; none may be called under it unless it
 * says so.  A call that says "job" is one of a job's thread.
 */
#define FETCHWORK_PIECES	256	/* in the queue, before it is full */
#define FETCHWORK_FILES		384	/* open; 1024 is the usual limit */
#define FETCHWORK_KEEP_S	5	/* a connection is left alone so long */

struct fetchwork {
	const struct fetcher_conf *conf;	/* borrowed */
	struct crew		*crew;		/* borrowed */

	/* Under the lock. */
	struct fetchpiece_queue	 q;
	unsigned		 files;		/* open */
	unsigned		 ended;		/* jobs that did all */
	int			 closing;	/* no more pieces come */
	uint64_t		 bytes;		/* done, for the progress */
	struct fetcher_stats	 stats;
};

/* What a caller waits for. */
enum fetchwork_state {
	FETCHWORK_ROOM,			/* the queue is not full */
	FETCHWORK_FEWER_FILES,		/* one more may be opened */
	FETCHWORK_ALL_DONE		/* all jobs have ended */
};

/* Under the lock: whether it is so.  It changes with a CREW_DONE. */
int	 fetchwork_is(const struct fetchwork *, enum fetchwork_state)
	    __attribute__((nonnull));

/* Count a new target, and one more holder of it. */
void	 fetchwork_opened(struct fetchwork *) __attribute__((nonnull));
void	 fetchwork_hold(struct fetchwork *, struct fetchpiece_target *)
	    __attribute__((nonnull));

/* One holder less.  The last one closes the target, which may fail. */
int	 fetchwork_release(struct fetchwork *, struct fetchpiece_target *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Put a piece into the queue, and say that no more will come. */
void	 fetchwork_put(struct fetchwork *, struct fetchpiece *)
	    __attribute__((nonnull));
void	 fetchwork_close(struct fetchwork *) __attribute__((nonnull));

/*
 * Job: take the next piece, or NULL.  With "wait" NULL means that the work is
 * over; meanwhile the connection "s" is kept alive.  Without, it means that
 * the queue is empty now.
 */
int	 fetchwork_take(struct fetchwork *, struct store *s, int wait,
	    struct fetchpiece **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Report, once, that the target differs from what it held. */
void	 fetchwork_differs(struct fetchwork *, struct fetchpiece_target *)
	    __attribute__((nonnull));

/* Job: count what was compared, and what was fetched. */
void	 fetchwork_compared(struct fetchwork *,
	    const struct fetchpiece_found *) __attribute__((nonnull));
void	 fetchwork_fetched(struct fetchwork *, uint64_t bytes)
	    __attribute__((nonnull));

/* Job: it has done all. */
void	 fetchwork_ended(struct fetchwork *) __attribute__((nonnull));

/* Release a piece that was not written, after a failure. */
void	 fetchwork_drop(struct fetchwork *, struct fetchpiece *)
	    __attribute__((nonnull));

#endif /* RESTORE_FETCHWORK_H */
