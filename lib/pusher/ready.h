/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_READY_H
#define PUSHER_READY_H

#include <stddef.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The WAL files that wait to be archived: those with a .ready file in
 * DIR/pg_wal/archive_status, where DIR is the data directory.  Those files
 * are PostgreSQL's (xlogarchive.c); nothing there is ever changed.
 */
#define READY_MAX	64		/* as many as pgarch.c remembers */

struct ready {
	char	 name[READY_MAX][WALNAME_TEXT];
	size_t	 n;			/* of "name" */
	size_t	 waiting;		/* all, also those beyond the first n */
};

/*
 * List them, the first READY_MAX in the order in which PostgreSQL asks for
 * them: histories first, then by name (ready_file_comparator() in pgarch.c).
 * Names that are not those of WAL files are ignored.  ERR_LOCAL if the folder
 * cannot be read.
 */
int	 ready_list(struct ready *r, const char *dir, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the file "name" still waits: 1 or 0. */
int	 ready_still(const char *dir, const char *name)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSHER_READY_H */
