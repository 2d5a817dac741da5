/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CHANGEDLIST_H
#define PUSH_CHANGEDLIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Which chunks of which files changed, as walsummaries_blocks() reports it: in
 * ascending order of path, kept on disk, and then looked up in the same order.
 * Memory does not grow.
 *
 *	if (changedlist_new(&l, dir, e))
 *		goto out;
 *	for each: changedlist_add(l, path, chunk, e)
 *	for each file, in ascending order of path
 *		rc = changedlist_mark(l, path, same, n, e)
 * out:
 *	changedlist_free(l);
 *
 * Failures are ERR_LOCAL unless something else is said.
 */
struct changedlist;

/* It lies in a file without a name in the directory "dir". */
int	 changedlist_new(struct changedlist **out, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 changedlist_free(struct changedlist *);	/* NULL is fine */

/*
 * Add what walsummaries_how.each() is called with.  ERR_PG for a path that is
 * neither a directory nor the main fork of a relation, or is out of order: a
 * change that were overlooked would be lost.
 */
int	 changedlist_add(struct changedlist *, const char *path,
	    uint32_t chunk, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Set same[i] to 0 for each of the "n" chunks of a relation's file that
 * changed; the others stay as they are.  Returns 0; 1 if nothing can be said
 * of the file, since its relation or database is new, or was truncated; or -1.
 * Nothing may be added any more.
 */
int	 changedlist_mark(struct changedlist *, const char *path,
	    uint8_t *same, uint64_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_CHANGEDLIST_H */
