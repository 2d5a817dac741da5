/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_TREEREMOVE_H
#define DATADIR_TREEREMOVE_H

#include "datadir/tree.h"

/*
 * Removing what lies in a tree: a file, a link, a directory with all in it.
 * Links are removed, never followed.  ERR_CONFIG where something is mounted,
 * be it another directory of the same file system: its content is not the
 * tree's.  ERR_LOCAL for what else fails; some of it may be gone then.
 */

/*
 * Remove "path"; if it is missing, that is no failure.  "n", unless NULL, is
 * increased by the number of names removed.
 */
int	 treeremove(struct tree *, const char *path, uint64_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/*
 * Whether treeremove() would succeed, as far as that can be known before:
 * nothing is mounted in it, and the directories are ours to write to.
 */
int	 treeremove_check(struct tree *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The file system's own, where a disk is mounted; it belongs to root. */
#define TREEREMOVE_SPARED	"lost+found"

/*
 * Remove all that the directory "fd" holds except the name "keep" and, unless
 * "keep" is "", TREEREMOVE_SPARED.  "fd" is
 * closed in any case; "what" is its name for messages.
 */
int	 treeremove_all(int fd, const char *what, const char *keep,
	    uint64_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull(2, 3, 5)));

#endif /* DATADIR_TREEREMOVE_H */
