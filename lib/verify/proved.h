/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_PROVED_H
#define VERIFY_PROVED_H

#include <stdint.h>

#include "base/err.h"

/*
 * What a verification has proved so far, on local disk: a set of marks.  A
 * mark stands for one object, or one chunk of a pack, and for all that was
 * known of it (place, hash of its header), so that it fits nothing else.
 *
 * With a path the set outlives the process: a verification that was broken
 * off goes on where it stopped.  A mark may get lost (nothing is synced, a
 * process may die at any moment), which costs that object's being read
 * again; none comes from nothing: 16 bytes of a hash stand for each.
 *
 * Memory is constant, the file has about 32 bytes a mark.  Safe for threads.
 */
#define PROVED_MARK	16

struct proved_mark {
	uint8_t	 b[PROVED_MARK];
};

struct proved;

/*
 * Open the set that "path" holds, begun at *begun_us, or an empty one, begun
 * now, where it has none, one that is older than "max_age_us", or one that
 * is damaged.  Where "path" is in use by another process, or NULL, it is a
 * file without a name in "dir".  ERR_LOCAL if neither can be had.
 */
int	 proved_open(struct proved **, const char *path, const char *dir,
	    int64_t now_us, int64_t max_age_us, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 6)));
int64_t	 proved_begun_us(const struct proved *);
uint64_t proved_count(const struct proved *);	/* when it was opened */
int	 proved_named(const struct proved *);		/* it outlives us */

/* Make a mark of "what" and these bytes. */
struct proved_mark proved_mark(const char *what, const void *, size_t n);

/* Returns 1 if it is in the set, 0 if not, or -1. */
int	 proved_has(struct proved *, const struct proved_mark *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 proved_add(struct proved *, const struct proved_mark *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* All was looked at: the next verification begins anew. */
int	 proved_remove(struct proved *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 proved_free(struct proved *);			/* NULL is fine */

#endif /* VERIFY_PROVED_H */
