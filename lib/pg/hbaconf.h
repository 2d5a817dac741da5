/* SPDX-License-Identifier: ISC */
#ifndef PG_HBACONF_H
#define PG_HBACONF_H

#include <stddef.h>

#include "pg/pgconf.h"

/*
 * Finds the other files that the text of pg_hba.conf or pg_ident.conf names,
 * as PostgreSQL does (src/backend/libpq/hba.c): "@file" for a list of names,
 * and, from PostgreSQL 16 on, lines "include file", "include_if_exists file"
 * and "include_dir directory".
 *
 *	const char		*at = text;
 *	struct hbaconf_name	 name = { .n = 0 };
 *
 *	while (hbaconf_next(&at, text + n, &name))
 *		...
 */
struct hbaconf_name {
	enum pgconf_kind kind;		/* not PGCONF_SETTING; "@file" is a
					   PGCONF_INCLUDE */
	char		 value[4096];	/* without quotes */
	/* The line under way. */
	size_t		 n;		/* its tokens so far */
	int		 in_line;
	int		 lists;		/* a comma was seen in it */
	enum pgconf_kind first;		/* what its first token is */
};

/*
 * Take the next name from *at on.  Returns 1, or 0 if there is none before
 * "end".  The struct must be the same in each call.  Names that do not fit are
 * passed over.
 */
int	 hbaconf_next(const char **at, const char *end, struct hbaconf_name *)
	    __attribute__((nonnull));

#endif /* PG_HBACONF_H */
