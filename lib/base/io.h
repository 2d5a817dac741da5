/* SPDX-License-Identifier: ISC */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Files of this host.  A failure is ERR_LOCAL unless it says otherwise below,
 * and its message contains "what" or "path": the file's name as the user
 * knows it.  No call is cut short by a signal (EINTR).
 */

/*
 * Read "n" bytes, or fewer if the file ends before; *got is their number.
 * io_read_at() reads at an offset and leaves the descriptor's own alone.
 */
int	 io_read(int fd, void *buf, size_t n, size_t *got, const char *what,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 io_read_at(int fd, void *buf, size_t n, uint64_t off, size_t *got,
	    const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Write all "n" bytes; after a failure any part of them may be written. */
int	 io_write(int fd, const void *buf, size_t n, const char *what,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 io_write_at(int fd, const void *buf, size_t n, uint64_t off,
	    const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Close a file that was written, and report what only close(2) reports.
 * *fd becomes -1 in any case.  Data that must be durable needs io_sync()
 * before.
 */
int	 io_close(int *fd, const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* fsync(2): make a file's content durable. */
int	 io_sync(int fd, const char *what, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Make the names in a directory durable. */
int	 io_sync_dir(const char *path, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a whole file of at most "max" bytes.  ERR_LOCAL if it is larger or no
 * regular file.  A NUL that *n does not count follows the data.  The caller
 * frees *out.  Returns 0, 1 if the file does not exist, or -1.
 */
int	 io_load(const char *path, size_t max, char **out, size_t *n,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Write a whole file, so that "path" never names an incomplete one, not even
 * after a crash.  After success it is durable.  If the file exists, it is
 * replaced in one step with "replace"; without, it is left alone and the
 * failure is ERR_CONFLICT.  After any other failure "path" names either what
 * it did before or the new file.
 */
int	 io_save(const char *path, mode_t mode, const void *buf, size_t n,
	    int replace, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make a directory and the missing ones above it, durably.  A directory that
 * exists is no failure, and keeps its mode.
 */
int	 io_mkdirs(const char *path, mode_t mode, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Get "n" (at most 256) unpredictable bytes from the kernel. */
int	 io_random(void *buf, size_t n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BASE_IO_H */
