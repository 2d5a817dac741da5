/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHER_H
#define RESTORE_FETCHER_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "crypt/key.h"
#include "store/store.h"

/*
 * Brings chunks from packs into local files, in parallel: each job is a
 * thread with its own connection.  Files may be written by several jobs at
 * once.  Nothing is synced here.
 *
 *	if (fetcher_open(&f, &conf, e))
 *		goto out;
 *	for each file {
 *		fetcher_file(f, fd, path, mtime_us, e)	takes fd, also on -1
 *		for each chunk: fetcher_chunk(f, id, &ref, off, n, e)
 *	}
 *	if (fetcher_finish(f, e))
 *		goto out;
 * out:
 *	fetcher_free(f);
 *
 * fetcher_over() instead of fetcher_file() for a file that has its size and
 * some content: the jobs compare it chunk by chunk, by hash, and bring only
 * what differs.  "differs": something does already, as its size did.  With "dry"
 * they only compare, and nothing is written.
 *
 * A chunk that is damaged, or anything else that fails in a job, fails the
 * next call and all after it.  Chunks of zeros are not written: the file is
 * expected to have its size and nothing in it.
 */
struct fetcher_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	unsigned	 jobs;
	/* The caller's own connection, kept alive meanwhile; may be NULL. */
	struct store	*keep;
	/* Called at least once a second, on the caller's thread; may be NULL. */
	void	(*progress)(void *arg, uint64_t bytes);
	/*
	 * Told of a file given by fetcher_over() of which chunks differ, once,
	 * from a job's thread under a lock; may be NULL.
	 */
	void	(*differs)(void *arg, const char *path);
	void	*arg;
	int	 dry;
};

struct fetcher_stats {
	uint64_t	 kept_files, kept;	/* nothing differs; all bytes
						   that were right */
	uint64_t	 files, bytes;		/* brought, or would be */
};

struct fetcher;

int	 fetcher_open(struct fetcher **, const struct fetcher_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 fetcher_file(struct fetcher *, int fd, const char *path,
	    int64_t mtime_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 fetcher_over(struct fetcher *, int fd, const char *path,
	    int64_t mtime_us, int differs, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* "id" must live until fetcher_finish(). */
int	 fetcher_chunk(struct fetcher *, const char *id,
	    const struct pack_ref *, uint64_t off, uint32_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 fetcher_finish(struct fetcher *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* After fetcher_finish(). */
struct fetcher_stats fetcher_stats(const struct fetcher *);
void	 fetcher_free(struct fetcher *);		/* NULL is fine */

#endif /* RESTORE_FETCHER_H */
