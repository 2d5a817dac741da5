/* SPDX-License-Identifier: ISC */
#ifndef PG_PGTAR_H
#define PG_PGTAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Reads a tar archive as PostgreSQL's BASE_BACKUP writes it (src/port/tar.c,
 * _tarWriteHeader() in src/backend/backup/basebackup.c): the ustar format with
 * files, directories and symbolic links.  Bytes go in as they arrive, in
 * pieces of any size, and events come out.  Memory does not grow.
 *
 *	struct pgtar	 t;
 *
 *	pgtar_begin(&t, &events, arg);
 *	for each piece: pgtar_add(&t, p, n, e);
 *	pgtar_end(&t, e);
 *
 * Everything else is refused with ERR_CORRUPT, since the server may be broken
 * or hostile: another magic, a wrong checksum, a number that is not octal (or,
 * of a size, base 256), other types of members, a path that is empty, absolute
 * or has a component "." or "..", a path or target without an end, content of
 * a directory or link, padding that is not zeros, bytes behind the end.
 * A path may begin with "./", as two of PostgreSQL's do, which is taken off.
 */
#define PGTAR_BLOCK	512
#define PGTAR_PATH	257	/* prefix, slash, name and a NUL */
#define PGTAR_TARGET	101
#define PGTAR_SIZE_MAX	((uint64_t)1 << 62)	/* bytes of a file */

enum pgtar_type {
	PGTAR_FILE,
	PGTAR_DIR,
	PGTAR_LINK
};

struct pgtar_entry {
	enum pgtar_type	 type;
	const char	*path;		/* without a slash at its end */
	const char	*target;	/* "" unless a link */
	uint32_t	 mode;		/* permission bits */
	uint64_t	 size;		/* of a file; else 0 */
	int64_t		 mtime;		/* seconds since 1970 */
};

/*
 * Each returns 0, or -1 with an error of its own, which ends the reading.
 * What they are given is valid until they return.
 */
struct pgtar_events {
	int	(*entry)(void *arg, const struct pgtar_entry *, struct err *);
	/* Content of the file before, in order; "n" is not 0. */
	int	(*data)(void *arg, const void *p, size_t n, struct err *);
	/* All of the file's content came; also of an empty file. */
	int	(*done)(void *arg, struct err *);
};

struct pgtar {			/* only this module uses the members */
	const struct pgtar_events *on;
	void		*arg;
	uint64_t	 left;		/* bytes of content that are to come */
	size_t		 pad;		/* and of zeros behind them */
	unsigned	 zeros;		/* blocks of zeros that came */
	size_t		 n;		/* bytes in block[] */
	uint8_t		 block[PGTAR_BLOCK];
};

void	 pgtar_begin(struct pgtar *t, const struct pgtar_events *on,
	    void *arg) __attribute__((nonnull(1, 2)));
int	 pgtar_add(struct pgtar *t, const void *p, size_t n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * No more will come.  ERR_CORRUPT if this is no place to end: inside a member,
 * or after one block of zeros.  PostgreSQL 15 and later end an archive with
 * two of them, earlier versions leave that to their clients.
 */
int	 pgtar_end(const struct pgtar *t, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_PGTAR_H */
