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
 * What the prefetch's threads share: their settings, the queue, and where its
 * files are.
 */
#define FETCHPOOL_DIR	"seawall_prefetch"	/* in the data directory */

/*
 * The number of threads that fetch, each with its connection.  With two files
 * under way on each of four, a round trip of 40 ms costs 5 ms a segment, which
 * is as much as decoding one.  More would only be more sessions for a server
 * that may allow ten.
 */
#define FETCHPOOL_WORKERS	4

/* Everything that is pointed to is borrowed. */
struct fetchpool_conf {
	struct store_conf	 store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	uint64_t		 wal_segment_size;	/* 0: not known; then
						   nothing is fetched ahead */
	const char		*data_directory;	/* absolute */
	unsigned		 ahead;		/* segments, 0 to 64; fewer
						   if they are large */
};

/* A request, and where its file is to go. */
struct fetchpool_ask {
	struct fetchask	 base;		/* first: the queue knows only this */
	int		 fd;		/* owned: the target's directory */
	char		 target[MESSAGE_TARGET];
};

/* If there is no directory of our own, the one in which a file is fetched. */
struct fetchpool_away {
	uint64_t	 id;		/* of the file; 0: free */
	int		 fd;		/* owned */
};

struct fetchpool;

struct fetchpool_worker {
	struct fetchpool *pool;
	unsigned	 index;
	int		 idle;		/* under the lock: it waits for work */
	int		 connected;	/* under the lock */
};

struct fetchpool {
	struct fetchpool_conf conf;
	struct serve	*serve;		/* borrowed */
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
	uint64_t	 giving;	/* to which ticket; 0: to none */
	int		 giving_gone;	/* its client is gone */
};

/* One file on its way here. */
struct fetchpool_task {
	uint64_t	 id;		/* 0: none */
	int		 asked;		/* if it is absent, prove that */
	int		 dir;		/* where it is written; borrowed */
	char		 name[WALNAME_TEXT];
	char		 file[NAME_MAX + 1];	/* its name in "dir" */
};

/*
 * Make the directory and the queue; no thread is started.  If the directory
 * cannot be used, that is noted for the log, and files are fetched only when
 * they are asked for, into the directory of their target.  ERR_LOCAL if memory
 * or locks run out.
 */
int	 fetchpool_new(struct fetchpool **out,
	    const struct fetchpool_conf *conf, struct serve *serve,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Ask the threads to end, wait for them, and release all.  NULL is fine. */
void	 fetchpool_free(struct fetchpool *p);

/*
 * Under the lock: where a file of the queue is.  Returns the directory's
 * descriptor, borrowed, and its name there in "file"; or -1 if there is no
 * place for it.
 */
int	 fetchpool_where(struct fetchpool *p, const struct fetchqueue_file *f,
	    char file[NAME_MAX + 1]) __attribute__((nonnull));

/* Under the lock: the file with that id is not there any more. */
void	 fetchpool_gone(struct fetchpool *p, uint64_t id)
	    __attribute__((nonnull));

/*
 * Under the lock: whether there is a file for worker "w" that is not better
 * left to another worker.  "second" says that "w" is at work, and would fetch
 * it beside its first.
 */
int	 fetchpool_may_take(const struct fetchpool *p,
	    const struct fetchpool_worker *w, int second)
	    __attribute__((nonnull));

/* Under the lock: the same, and take it.  Returns 1 with *t, or 0. */
int	 fetchpool_take(struct fetchpool *p, struct fetchpool_worker *w,
	    int second, struct fetchpool_task *t) __attribute__((nonnull));

/*
 * Not under the lock: the fetch ended, with "rc" and *e as fetchqueue_done()
 * takes them.  t->id is 0 afterwards.
 */
void	 fetchpool_done(struct fetchpool *p, struct fetchpool_task *t, int rc,
	    const struct err *e) __attribute__((nonnull));

/* Close its descriptor, and free it.  NULL is fine. */
void	 fetchpool_ask_free(struct fetchpool_ask *a);

#endif /* PREFETCH_FETCHPOOL_H */
