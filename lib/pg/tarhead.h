/* SPDX-License-Identifier: ISC */
#ifndef PG_TARHEAD_H
#define PG_TARHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Makes the headers of a tar archive as PostgreSQL's BASE_BACKUP does
 * (tarCreateHeader() in src/port/tar.c): the ustar format, numbers in octal
 * with a blank behind them, a size from 8 GiB on in base 256, and the owner
 * "postgres", which tar looks up by its name when root unpacks.
 *
 * A path of more than 99 bytes, which PostgreSQL refuses, is split between
 * prefix and name where that can be done, and else stands in a pax header of
 * its own before the member's.  pgtar.h reads all but the last.
 */
#define TARHEAD_PATH	4096	/* bytes of a path, at most */
#define TARHEAD_MAX	((size_t)512 * 11)

struct tarhead {
	const char	*path;		/* plain (path_is_inside()) */
	int		 dir;		/* a directory; else a regular file */
	uint32_t	 mode;		/* permission bits */
	uint64_t	 size;		/* of a file; 0 for a directory */
	int64_t		 mtime;		/* seconds since 1970; before: 0 */
	uint32_t	 uid, gid;
};

/*
 * Write the header, or two, into "buf".  *n becomes the number of bytes, whole
 * blocks.  ERR_LOCAL for a path that is longer than TARHEAD_PATH.
 */
int	 tarhead_make(uint8_t buf[TARHEAD_MAX], size_t *n,
	    const struct tarhead *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many zeros fill the last block behind "size" bytes of content. */
size_t	 tarhead_padding(uint64_t size) __attribute__((const));

#endif /* PG_TARHEAD_H */
