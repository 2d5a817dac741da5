/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHER_H
#define RESTORE_FETCHER_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "base/bucket.h"
#include "restore/fetcher_conf.h"

/*
 * Fetches chunks from packs into local files.  Each job is a thread with its
 * own connection, and several jobs may write to one file.  Nothing is synced.
 *
 *	if (fetcher_open(&f, &conf, e))
 *		goto out;
 *	for each file {
 *		fetcher_file(f, fd, path, mtime_us, e)
 *		for each of its chunks, in order:
 *			fetcher_chunk(f, ids, &ref, off, n, e)
 *	}
 *	if (fetcher_finish(f, e))
 *		goto out;
 * out:
 *	fetcher_free(f);
 *
 * What fails in a job fails the next call, and all after it: a chunk that is
 * damaged or missing (ERR_CORRUPT), a lost connection (ERR_REMOTE), a full
 * disk (ERR_LOCAL).  The caller's thread only fills a bounded queue.
 */
struct fetcher;

/* Start the jobs.  They connect on their own, and may fail at that later. */
int	 fetcher_open(struct fetcher **, const struct fetcher_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Begin the next file.  "fd" is open for writing, has the file's size and
 * nothing but zeros in it: chunks of zeros are not written.  The fetcher owns
 * "fd", also if this fails, and sets the time "mtime_us" when it closes it.
 * "path" is its name for messages.
 */
int	 fetcher_file(struct fetcher *, int fd, const char *path,
	    int64_t mtime_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for a file that has its size and some content: chunks whose hash
 * is right are kept, the others fetched.  "differs" says that something is
 * known to differ already, such as the size that it had.  Where conf.dry is
 * set "fd" may be open for reading only.
 */
int	 fetcher_over(struct fetcher *, int fd, const char *path,
	    int64_t mtime_us, int differs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Chunks of this file, to the next fetcher_file() or fetcher_over(), are
 * written, or compared, no faster than the bucket allows; it is borrowed.
 */
void	 fetcher_pace(struct fetcher *, struct bucket *)
	    __attribute__((nonnull(1)));		/* NULL is fine */

/*
 * The chunk of "n" bytes at "off" lies at "ref", which means backups by their
 * index in "ids"; the texts must live until fetcher_finish().
 */
int	 fetcher_chunk(struct fetcher *, const char *const *ids,
	    const struct pack_ref *ref, uint64_t off, uint32_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Wait until all files are complete and closed.  Once, and last. */
int	 fetcher_finish(struct fetcher *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* After fetcher_finish(). */
struct fetcher_stats fetcher_stats(const struct fetcher *);

/* Stop the jobs, wait for them, release; NULL is fine. */
void	 fetcher_free(struct fetcher *);

#endif /* RESTORE_FETCHER_H */
