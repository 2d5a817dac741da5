/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_TARFILE_H
#define RESTORE_TARFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Writes one tar archive (pg/tarhead.h).
 *
 *	if (tarfile_open(&t, path, 1, e))
 *		goto out;
 *	for each directory: tarfile_dir(t, path, mode, mtime, e)
 *	for each file {
 *		tarfile_begin(t, path, mode, size, mtime, e)
 *		as often as it takes: tarfile_write(t, p, n, e)
 *	}
 *	if (tarfile_finish(t, e))
 *		goto out;
 * out:
 *	tarfile_free(t);
 *
 * A file appears under its name when it is complete and durable.  What went to
 * standard output lacks its end until then: the two blocks of zeros, without
 * which it is no whole archive.  Failures are ERR_LOCAL.
 */
#define TARFILE_STDOUT	"-"

struct tarfile;

/*
 * "path" must not exist, or is TARFILE_STDOUT for the descriptor "out".  A
 * file gets mode 0600.
 */
int	 tarfile_open(struct tarfile **, const char *path, int out,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Times are in seconds since 1970. */
int	 tarfile_dir(struct tarfile *, const char *path, uint32_t mode,
	    int64_t mtime, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Begin a file.  Exactly "size" bytes must be written before the next call. */
int	 tarfile_begin(struct tarfile *, const char *path, uint32_t mode,
	    uint64_t size, int64_t mtime, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 tarfile_write(struct tarfile *, const void *p, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* End the archive.  ERR_CONFLICT if a file of its name appeared meanwhile. */
int	 tarfile_finish(struct tarfile *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 tarfile_free(struct tarfile *);		/* NULL is fine */

#endif /* RESTORE_TARFILE_H */
