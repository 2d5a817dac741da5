/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_READY_H
#define PUSHER_READY_H

#include <stddef.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The WAL files that wait to be archived: those that have a .ready file in
 * DIR/pg_wal/archive_status (xlogarchive.c; nothing there is ever touched).
 */
#define READY_MAX	64		/* as many as pgarch.c notes down */

struct ready {
	char	 name[READY_MAX][WALNAME_TEXT];
	size_t	 n;
	size_t	 waiting;		/* all, also those beyond the first n */
};

/*
 * The first of them in the order in which PostgreSQL asks for them (histories
 * first, then by name; ready_file_comparator() in pgarch.c).  Names that are
 * no WAL file's are passed over.
 */
int	 ready_list(struct ready *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether that file still waits: 1 or 0. */
int	 ready_still(const char *dir, const char *name)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSHER_READY_H */
