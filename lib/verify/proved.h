/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_PROVED_H
#define VERIFY_PROVED_H

#include <stdint.h>

#include "base/err.h"

/*
 * What a verification has proved so far: a set of marks in a file on this
 * host.  A mark stands for one object, or for one chunk of a pack, and for all
 * that was known of it (its place, the hash of its header), so that it fits
 * nothing else.
 *
 * With a path the set outlives the process, and a verification that was
 * interrupted is resumed by the next one.  A mark may get lost, since the file
 * is never synced and a process may die at any moment; then its object is read
 * once more.  No mark appears by itself: each is 16 bytes of a hash.
 *
 * Memory is constant; the file has about 32 bytes for each mark.  Threads may
 * share a set.
 */
#define PROVED_MARK	16		/* bytes */

struct proved_mark {
	uint8_t	 b[PROVED_MARK];
};

struct proved;

/*
 * Open the set in the file "path".  If there is no file, or it is damaged, or
 * it was begun more than "max_age_us" before "now_us" or after it, the set is
 * empty and begins now.  If "path" is NULL, cannot be opened, or is used by
 * another process, the set is an unnamed file in the directory "dir", which
 * goes with this process.  ERR_LOCAL if that fails too.
 */
int	 proved_open(struct proved **, const char *path, const char *dir,
	    int64_t now_us, int64_t max_age_us, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 6)));

/* When the set was begun, and how many marks it had when it was opened. */
int64_t	 proved_begun_us(const struct proved *);
uint64_t proved_count(const struct proved *);

/* Whether it has a name, and so outlives this process. */
int	 proved_named(const struct proved *);

/* Make a mark of the word "what" and "n" bytes, at most 512 together. */
struct proved_mark proved_mark(const char *what, const void *, size_t n);

/* Returns 1 if the mark is in the set, 0 if not, or -1 (ERR_LOCAL). */
int	 proved_has(struct proved *, const struct proved_mark *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Add a mark; one that is there already is no failure.  ERR_LOCAL. */
int	 proved_add(struct proved *, const struct proved_mark *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Remove the file, so that the next verification starts over. */
int	 proved_remove(struct proved *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Close the set; unless it was removed, its file stays.  NULL is fine. */
void	 proved_free(struct proved *);

#endif /* VERIFY_PROVED_H */
