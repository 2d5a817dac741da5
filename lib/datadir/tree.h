/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_TREE_H
#define DATADIR_TREE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A data directory and its tablespaces as one tree of a manifest's paths.
 * No link is ever followed: whoever has put one into the directory must not
 * make us write or remove outside of it.  What lies behind "pg_tblspc/OID"
 * is where tree_mount() said, whatever the link there says.
 *
 * Failures are ERR_LOCAL and name the file.  Not for several threads.
 */
struct tree;

/* "dir" must exist; it may be a link itself: the user has named it. */
int	 tree_open(struct tree **, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 tree_mount(struct tree *, uint32_t oid, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 tree_free(struct tree *);			/* NULL is fine */

/* The path for messages, as the user knows it.  Returns "buf". */
const char *tree_show(const struct tree *, const char *path, char *buf,
	    size_t size);

/*
 * The directory that holds "path", which is plain and not empty, and its
 * name there: for openat() and its like, with O_NOFOLLOW.  Both borrowed,
 * the descriptor until the next call.
 */
int	 tree_parent(struct tree *, const char *path, int *fd,
	    const char **name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The directory "path" itself ("": the root), for the caller to close. */
int	 tree_enter(struct tree *, const char *path, int *fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether what a link leads to is what is mounted at its path. */
int	 tree_is_mount(struct tree *, const char *path);

/* Whether the open directory is where something is mounted. */
int	 tree_is_root(int fd);

/* Whether "path" is a directory of ours whose mode keeps us out. */
int	 tree_is_closed(struct tree *, const char *path);

/*
 * Remove what is there: a file, a link, a directory with all in it.  Nothing
 * there is no failure.  A directory where something is mounted, be it another
 * directory of the same file system, is refused.  "n", unless NULL, is
 * increased by the number of names removed.
 */
int	 tree_remove(struct tree *, const char *path, uint64_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/* Whether that could be done, as far as can be known before. */
int	 tree_removable(struct tree *, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove all that the directory "fd" holds but "keep".  "fd" is
 * closed in any case; "what" is its name for messages.
 */
int	 tree_clear(int fd, const char *what, const char *keep, uint64_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull(2, 3, 5)));

#endif /* DATADIR_TREE_H */
