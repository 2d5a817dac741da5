/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHPOOL_H
#define PREFETCH_FETCHPOOL_H

#include <pthread.h>
#include <stdint.h>

#include "prefetch/fetchdir.h"
#include "prefetch/fetchqueue.h"
#include "prefetch/prefetch.h"

/*
 * What the threads behind prefetch.h share: the queue, its lock, and where
 * the files are.
 */

/*
 * Connections, and threads that fetch.  With two files under way on each, a
 * round trip of 40 ms costs 5 ms a segment, as much as the decoding of one on
 * a processor's core or two; more would only be more sessions for the
 * server, which may allow ten.
 */
#define FETCHPOOL_WORKERS	4

struct fetchpool_ask {
	struct fetchqueue_ask base;
	int		 fd;		/* owned: the target's folder */
	char		 target[MESSAGE_TARGET];
};

/* A file outside of the folder: where there is none. */
struct fetchpool_away {
	uint64_t	 id;		/* 0: free */
	int		 fd;		/* owned */
};

struct fetchpool;

struct fetchpool_worker {
	struct fetchpool *pool;
	unsigned	 index;
	pthread_t	 thread;
	int		 started;
	int		 idle;		/* under the lock, as the next */
	int		 connected;
};

struct fetchpool {
	struct prefetch_conf conf;
	struct serve	*serve;
	struct fetchdir	*dir;		/* NULL: nothing is fetched ahead */
	char		 salt[17];	/* in the names of files */
	struct fetchpool_worker worker[FETCHPOOL_WORKERS];

	pthread_mutex_t	 lock;
	pthread_cond_t	 work;		/* there may be something to fetch */
	pthread_cond_t	 moved;		/* to give, to drop, or to answer */
	pthread_cond_t	 ended;		/* a thread has */

	/* Under the lock. */
	struct fetchqueue *queue;
	struct fetchpool_away away[FETCHQUEUE_FILES];
	uint64_t	 giving;	/* ticket; 0: none */
	int		 giving_gone;
	int		 stop;
	unsigned	 alive;		/* threads */
};

/* One file on its way here. */
struct fetchpool_task {
	uint64_t	 id;		/* 0: none */
	int		 asked;		/* absence is to be proved */
	int		 dir;		/* borrowed */
	char		 name[WALNAME_TEXT];
	char		 file[NAME_MAX + 1];
};

int	 fetchpool_new(struct fetchpool **, const struct prefetch_conf *,
	    struct serve *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* No thread may be left. */
void	 fetchpool_free(struct fetchpool *);		/* NULL is fine */

/* Under the lock: sleep for so long at most. */
void	 fetchpool_nap(struct fetchpool *, pthread_cond_t *, int ms)
	    __attribute__((nonnull));

/* Under the lock: where a file of the queue is. */
int	 fetchpool_where(struct fetchpool *, const struct fetchqueue_file *,
	    char file[NAME_MAX + 1]) __attribute__((nonnull));
/* Under the lock: it is gone from there. */
void	 fetchpool_gone(struct fetchpool *, uint64_t id)
	    __attribute__((nonnull));

/* Under the lock: whether there is a file for that worker, a "second" one if
   it is at work already, that is not better left to another; and take it. */
int	 fetchpool_may_take(const struct fetchpool *,
	    const struct fetchpool_worker *, int second)
	    __attribute__((nonnull));
int	 fetchpool_take(struct fetchpool *, struct fetchpool_worker *,
	    int second, struct fetchpool_task *) __attribute__((nonnull));

/* Fetched, or not. */
void	 fetchpool_done(struct fetchpool *, struct fetchpool_task *, int rc,
	    const struct err *) __attribute__((nonnull));

/* The last that a thread does. */
void	 fetchpool_leave(struct fetchpool *) __attribute__((nonnull));

void	 fetchpool_ask_free(struct fetchpool_ask *);	/* NULL is fine */

#endif /* PREFETCH_FETCHPOOL_H */
