/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHPOOL_H
#define PREFETCH_FETCHPOOL_H

#include <limits.h>
#include <stdint.h>

#include "agent/serve.h"
#include "base/crew.h"
#include "crypt/key.h"
#include "prefetch/fetchdir.h"
#include "prefetch/fetchfile.h"
#include "prefetch/fetchqueue.h"
#include "store/store.h"

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

#define FETCHPOOL_DIR	"seawall_prefetch"	/* in the data directory */

struct fetchpool_conf {
	struct store_conf	 store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	uint64_t		 wal_segment_size;	/* 0: not known; then
						   nothing is fetched ahead */
	const char		*data_directory;	/* absolute */
	unsigned		 ahead;		/* segments, 0 to 64; fewer
						   where they are large */
};

struct fetchpool_ask {
	struct fetchask	 base;
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
	int		 idle;		/* under the lock, as the next */
	int		 connected;
};

struct fetchpool {
	struct fetchpool_conf conf;
	struct serve	*serve;
	struct fetchdir	*dir;		/* NULL: nothing is fetched ahead */
	char		 salt[17];	/* in the names of files */
	struct fetchpool_worker worker[FETCHPOOL_WORKERS];

	/*
	 * CREW_WORK: there may be something to fetch.  CREW_DONE: there may
	 * be something to give, to drop or to answer.
	 */
	struct crew	*crew;

	/* Under the crew's lock. */
	struct fetchqueue *queue;
	struct fetchpool_away away[FETCHFILE_MAX];
	uint64_t	 giving;	/* ticket; 0: none */
	int		 giving_gone;
};

/* One file on its way here. */
struct fetchpool_task {
	uint64_t	 id;		/* 0: none */
	int		 asked;		/* absence is to be proved */
	int		 dir;		/* borrowed */
	char		 name[WALNAME_TEXT];
	char		 file[NAME_MAX + 1];
};

int	 fetchpool_new(struct fetchpool **, const struct fetchpool_conf *,
	    struct serve *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* Ask the threads to end, wait for them, and release all. */
void	 fetchpool_free(struct fetchpool *);		/* NULL is fine */

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

void	 fetchpool_ask_free(struct fetchpool_ask *);	/* NULL is fine */

#endif /* PREFETCH_FETCHPOOL_H */
