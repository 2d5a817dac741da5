/* SPDX-License-Identifier: ISC */
#ifndef PG_PGCONF_H
#define PG_PGCONF_H

#include <stddef.h>

/*
 * Reads the text of postgresql.conf as PostgreSQL does
 * (src/backend/utils/misc/guc-file.l): a setting a line, "name = value" with
 * or without the sign, quotes, escapes and comments; the last of a name rules.
 *
 *	const char		*at = text;
 *	struct pgconf_line	 l;
 *
 *	while (pgconf_next(&at, text + n, &l))
 *		...
 */
enum pgconf_kind {
	PGCONF_SETTING,
	PGCONF_INCLUDE,			/* the value is a file */
	PGCONF_INCLUDE_IF_EXISTS,
	PGCONF_INCLUDE_DIR		/* a directory */
};

struct pgconf_line {
	enum pgconf_kind kind;
	char		 name[128];	/* in lower case */
	char		 value[8192];	/* without quotes and escapes */
};

/*
 * Take the next setting from *at on.  Returns 1, or 0 if there is none before
 * "end".  Lines that PostgreSQL refuses are passed over: with one of them it
 * does not start.  So are those that do not fit.
 */
int	 pgconf_next(const char **at, const char *end, struct pgconf_line *)
	    __attribute__((nonnull));

/*
 * Take the next name from a list of files, such as shared_preload_libraries,
 * from *at on (SplitDirectoriesString() in PostgreSQL): names between commas,
 * without the blanks around them, with double quotes where a name holds such
 * things.  Returns 1, or 0 at the end.  Names that do not fit are cut short.
 */
int	 pgconf_list_next(const char **at, char *name, size_t size)
	    __attribute__((nonnull));

#endif /* PG_PGCONF_H */
