/* SPDX-License-Identifier: ISC */
#ifndef REUSE_RECORDSET_H
#define REUSE_RECORDSET_H

#include <stddef.h>
#include <stdint.h>

#include "backup/manifest.h"

/*
 * Entries of a manifest with their chunks, added in any order and then read
 * by path: all of them in ascending order, or single ones.  They lie in files
 * of a directory, which have no names, so nothing is left behind.  Memory is
 * 4 MiB while they are added, and then 8 bytes for each 64 entries, and 8 KiB
 * for each 4 MiB of paths while they are sorted.
 *
 *	if (recordset_new(&s, dir, e))
 *		goto out;
 *	for each: recordset_add(s, &entry, refs, nrefs, e)
 *	if (recordset_sort(s, e))
 *		goto out;
 *	while ((rc = recordset_next(s, &item, e)) == 0)
 *		...
 * out:
 *	recordset_free(s);
 *
 * Failures are ERR_LOCAL, for this host's disk and memory, unless something
 * else is said.
 */
struct recordset;

int	 recordset_new(struct recordset **out, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 recordset_free(struct recordset *);		/* NULL is fine */

/* Add an entry; its texts are copied.  "refs" may be NULL if nrefs is 0. */
int	 recordset_add(struct recordset *, const struct manifest_entry *,
	    const struct pack_ref *refs, size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * Sort them, once, after the last was added.  ERR_CORRUPT if two have the same
 * path.
 */
int	 recordset_sort(struct recordset *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What was added, to be released with recordset_drop(). */
struct recordset_item {
	struct manifest_entry	 en;	/* its texts are the two below */
	struct pack_ref		*refs;	/* owned; NULL if there are none */
	size_t			 nrefs;
	char			*path, *target;	/* owned; target may be NULL */
};

/*
 * The next one, from the first on.  Returns 0; 1 after the last; or -1, and
 * then, as after 1, *out is empty.
 */
int	 recordset_next(struct recordset *, struct recordset_item *out,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The one of this path: 0; 1 if there is none; or -1. */
int	 recordset_find(struct recordset *, const char *path,
	    struct recordset_item *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 recordset_drop(struct recordset_item *) __attribute__((nonnull));

#endif /* REUSE_RECORDSET_H */
