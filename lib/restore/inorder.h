/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_INORDER_H
#define RESTORE_INORDER_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "base/bucket.h"
#include "base/err.h"
#include "restore/fetcher_conf.h"

/*
 * Fetches chunks from packs by several jobs, each with its own connection, and
 * hands their bytes on in the order in which they were asked for.  What has to
 * be said between two chunks, such as the name of the next file, is a mark.
 *
 *	if (inorder_open(&o, &conf, e))
 *		goto out;
 *	for each file {
 *		inorder_mark(o, mark, e)
 *		for each of its chunks: inorder_chunk(o, ids, &ref, n, e)
 *	}
 *	if (inorder_finish(o, e))
 *		goto out;
 * out:
 *	inorder_free(o);
 *
 * Bytes are handed on only after the whole chunk was authenticated and
 * compared with its hash.  The two functions of the conf are called on the
 * caller's thread, from inside the calls above.
 *
 * Memory is a window of 16 MiB, or of four chunks if that is more, and what is
 * stored of them, however much there is to fetch.
 *
 * What fails in a job fails the call that is under way: a chunk that is
 * damaged or missing (ERR_CORRUPT), a lost connection (ERR_REMOTE).  After
 * that only inorder_free() is of use.
 */
#define INORDER_WINDOW	((size_t)16 << 20)
#define INORDER_MARKS	1024	/* in the window, at most */

struct inorder;

struct inorder_conf {
	struct fetcher_conf fetch;	/* differs and dry are not used */
	uint32_t	 chunk_size;	/* no chunk is larger */
	int	(*mark)(void *arg, const void *mark, struct err *);
	int	(*data)(void *arg, const void *p, size_t n, struct err *);
	void		*arg;		/* of these two */
};

/* Start the jobs.  They connect on their own, and may fail at that later. */
int	 inorder_open(struct inorder **, const struct inorder_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Call conf.mark with "mark" when all chunks before it have been handed on.
 * It comes from malloc() and is freed here, also after a failure.
 */
int	 inorder_mark(struct inorder *, void *mark, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Hand on the chunk of "n" bytes at "ref", which means backups by their index
 * in "ids"; the texts must live until inorder_finish().  "pace", unless NULL,
 * limits how fast.
 */
int	 inorder_chunk(struct inorder *, const char *const *ids,
	    const struct pack_ref *ref, uint32_t n, struct bucket *pace,
	    struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 3, 6)));

/* Hand on all that is left.  Once, and last. */
int	 inorder_finish(struct inorder *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Stop the jobs, wait for them, release; NULL is fine. */
void	 inorder_free(struct inorder *);

#endif /* RESTORE_INORDER_H */
