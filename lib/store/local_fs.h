/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_FS_H
#define STORE_LOCAL_FS_H

#include "store/backend.h"

/* For the files local*.c: what they all ask of the file system. */

/*
 * The part of "full" that is below the root, for beneath.h; "" for the root
 * itself.  "full" is the root or a path below it.
 */
const char *local_fs_below(const struct store *, const char *full);

/* Open the file or directory "path", as beneath_open() does. */
int	 local_fs_open(const struct store *, const char *path, int flags);

/*
 * Describe errno: "VERB PATH: why".  Says so if the disk is full, if the base
 * that must exist does not, if a file is in the place of a directory, or if a
 * symbolic link is in the way: that one is ERR_CORRUPT, as another attempt
 * would end no better.  A wrong mode or type is a failure of one file
 * (err_of_one_file()).  Always returns -1.
 */
int	 local_fs_fail(const struct store *, const char *verb,
	    const char *path, struct err *);

/* Write all of it at that offset; "path" is for the failure. */
int	 local_fs_write_at(const struct store *, int fd, const char *path,
	    const void *buf, size_t n, uint64_t off, struct err *);

/* Make the directories above "path" that the store may create. */
int	 local_fs_mkdirs(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/*
 * Make the name "path" durable: fsync the directory that holds it, and those
 * above that one unless this store has done so before.
 */
int	 local_fs_sync_name(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

#endif /* STORE_LOCAL_FS_H */
