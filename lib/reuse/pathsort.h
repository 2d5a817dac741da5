/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PATHSORT_H
#define REUSE_PATHSORT_H

#include <stddef.h>
#include <stdint.h>

#include "backup/manifest.h"

/*
 * Sorts paths on disk, each with a number: 4 MiB of them at a time in memory,
 * which go into a file, and in the end all of these runs are merged.
 *
 *	pathsort_new(), pathsort_add() in any order, pathsort_merge(),
 *	pathsort_next() and pathsort_find(), pathsort_free()
 *
 * Failures are ERR_LOCAL, unless something else is said.
 */
struct pathsort;

int	 pathsort_new(struct pathsort **out, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pathsort_free(struct pathsort *);		/* NULL is fine */

/* The path has 1 to MANIFEST_PATH_MAX bytes. */
int	 pathsort_add(struct pathsort *, const char *path, uint64_t number,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Once, after the last was added.  ERR_CORRUPT if two paths are the same. */
int	 pathsort_merge(struct pathsort *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The next one in ascending order: 0, 1 after the last, or -1. */
int	 pathsort_next(struct pathsort *, char path[MANIFEST_PATH_MAX + 1],
	    uint64_t *number, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The number of this path: 0, 1 if it was not added, or -1. */
int	 pathsort_find(struct pathsort *, const char *path, uint64_t *number,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REUSE_PATHSORT_H */
