/* SPDX-License-Identifier: ISC */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Files of this host.  Every failure is ERR_LOCAL and names "what", the file
 * as the user knows it.  EINTR is never seen by a caller.
 */

/* Read until "n" bytes or the end of the file; *got says how many. */
int	 io_read(int fd, void *buf, size_t n, size_t *got, const char *what,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The same at an offset, without moving the descriptor's own. */
int	 io_read_at(int fd, void *buf, size_t n, uint64_t off, size_t *got,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Write all or fail. */
int	 io_write(int fd, const void *buf, size_t n, const char *what,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 io_write_at(int fd, const void *buf, size_t n, uint64_t off,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Close a file that was written.  *fd becomes -1 in any case.  io_sync()
 * first where the data must be durable.
 */
int	 io_close(int *fd, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 io_sync(int fd, const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Make the names in a directory durable. */
int	 io_sync_dir(const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a small file whole, at most "max" bytes (more is ERR_LOCAL).  A NUL
 * that *n does not count follows the data.  The caller frees *out.  Returns
 * 0, 1 if there is no such file, or -1.
 */
int	 io_load(const char *path, size_t max, char **out, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Write a small file so that it is durable and complete under "path", or
 * not there.  With "replace" an existing file is replaced in one step;
 * without, it is left alone and the failure is ERR_CONFLICT.
 */
int	 io_save(const char *path, mode_t mode, const void *buf, size_t n,
	    int replace, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Make a directory and those above it; one that is there is no failure. */
int	 io_mkdirs(const char *path, mode_t mode, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* "n" (at most 256) unpredictable bytes from the kernel. */
int	 io_random(void *buf, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BASE_IO_H */
