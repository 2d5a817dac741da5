/* SPDX-License-Identifier: ISC */
#ifndef STORE_BENEATH_H
#define STORE_BENEATH_H

#include <sys/types.h>

/*
 * Files below a directory of this host, reached without following a symbolic
 * link.  So nobody who may write below the directory can lead these functions
 * out of it.
 *
 * "root" is the directory's absolute path.  It may lead through links: that is
 * the administrator's choice.  "path" is relative to it (path_is_inside()),
 * and none of its components may be a link, the last one included unless a
 * function says otherwise.  Other file systems that are mounted below the root
 * count as part of it, since only an administrator can mount one there: people
 * mount disks, and bind directories.
 *
 * Linux resolves a path in this way with openat2(2), since 5.6.  Where the
 * kernel or a container's filter refuses that call, the path is walked
 * component by component, which is as safe and a little slower.
 *
 * The functions return -1 with errno.  ELOOP means that a component is a
 * symbolic link; beneath_symlink() says which.
 */

/*
 * Open "path", or the root itself if it is "".  "flags" and "mode" are those
 * of open(2); O_CLOEXEC is added.  O_PATH needs O_DIRECTORY beside it.
 * Returns a descriptor.
 */
int	 beneath_open(const char *root, const char *path, int flags,
	    mode_t mode) __attribute__((nonnull));

/*
 * What mkdir(2), unlink(2), rmdir(2) and link(2) do.  unlink, link and rename
 * (below) take a link in the last component for what it is, a file of its own,
 * and follow it nowhere.
 */
int	 beneath_mkdir(const char *root, const char *path, mode_t mode)
	    __attribute__((nonnull));
int	 beneath_unlink(const char *root, const char *path)
	    __attribute__((nonnull));
int	 beneath_rmdir(const char *root, const char *path)
	    __attribute__((nonnull));
int	 beneath_link(const char *root, const char *from, const char *to)
	    __attribute__((nonnull));

/* Rename, never replacing: EEXIST.  Not every file system can: EINVAL. */
int	 beneath_rename(const char *root, const char *from, const char *to)
	    __attribute__((nonnull));

/*
 * The length of the part of "path" that ends with its first component that is
 * a symbolic link; 0 if there is none.
 */
size_t	 beneath_symlink(const char *root, const char *path)
	    __attribute__((nonnull));

#endif /* STORE_BENEATH_H */
