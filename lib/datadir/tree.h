/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_TREE_H
#define DATADIR_TREE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A data directory and its tablespaces as one tree, whose paths are those of
 * a manifest.  No link is ever followed: somebody who puts a link into the
 * directory must not make us write or remove outside of it.  What lies below
 * "pg_tblspc/OID" is in the directory given to tree_mount(), whatever the
 * link there says.
 *
 * Failures are ERR_LOCAL and name the file.  One thread at a time.
 */
struct tree;

/* "dir" must exist.  It may be a link itself: the user has named it. */
int	 tree_open(struct tree **, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Let "pg_tblspc/OID" be the directory "dir", which must exist. */
int	 tree_mount(struct tree *, uint32_t oid, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 tree_free(struct tree *);			/* NULL is fine */

/*
 * The path as the user knows it, below the data directory and fit for a
 * message.  Returns "buf".
 */
const char *tree_show(const struct tree *, const char *path, char *buf,
	    size_t size);

/*
 * Open the directory that holds "path", which is plain and not empty, and
 * find its name there, for openat() and its like, with O_NOFOLLOW.  *fd is
 * the tree's, and valid until the next call; *name points into "path".
 */
int	 tree_parent(struct tree *, const char *path, int *fd,
	    const char **name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Open the directory "path" itself ("": the root); the caller closes *fd. */
int	 tree_enter(struct tree *, const char *path, int *fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Forget the directory that tree_parent() opened last: it may be gone, and
 * another may have its name.
 */
void	 tree_forget(struct tree *) __attribute__((nonnull));

/*
 * Whether "path" is a tablespace of this tree, and its link leads to the
 * directory that is mounted there.
 */
int	 tree_is_mount(struct tree *, const char *path);

/* Whether a file system is mounted on the open directory "fd". */
int	 tree_is_root(int fd);

/* Whether "path" is a directory of ours whose mode locks us out. */
int	 tree_is_closed(struct tree *, const char *path);

#endif /* DATADIR_TREE_H */
