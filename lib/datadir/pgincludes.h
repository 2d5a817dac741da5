/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_PGINCLUDES_H
#define DATADIR_PGINCLUDES_H

#include <sys/stat.h>

#include "base/err.h"
#include "pg/pgconf.h"

/*
 * Reads a configuration file of PostgreSQL with the files that it includes,
 * each where its include stands, as PostgreSQL does.  The files may lie
 * anywhere on this host and hold anything, so number, size and depth are
 * bounded; what exceeds that counts as unread.
 *
 * The files are read, and not asked for by SQL: pg_file_settings and
 * pg_hba_file_rules need a superuser, and name no file that has no lines.
 *
 * Callbacks may be NULL, and stop everything with -1 and an error of their
 * own.  Texts are valid until a callback returns.
 */
#define PGINCLUDES_FILE_MAX	((size_t)4 << 20)	/* bytes of a file */
#define PGINCLUDES_FILES_MAX	256

struct pgincludes_events {
	/*
	 * For what an include names, before anybody looks whether it is
	 * there: a file, or the directory of an include_dir.
	 */
	int	(*named)(void *arg, const char *path, struct err *);
	/*
	 * For each file that was read, before what it includes.  May return 1
	 * to have its content passed over, as it must where the file came
	 * before and nothing else ends a loop.
	 */
	int	(*file)(void *arg, const char *path, const struct stat *,
		    const char *text, size_t n, struct err *);
	/* For each setting; not with PGINCLUDES_HBA. */
	int	(*setting)(void *arg, const struct pgconf_line *,
		    struct err *);
	/* For each file or directory that was named and cannot be read. */
	int	(*unread)(void *arg, const char *path, const char *why,
		    struct err *);
};

enum pgincludes_syntax {
	PGINCLUDES_CONF,		/* postgresql.conf */
	PGINCLUDES_HBA			/* pg_hba.conf, pg_ident.conf */
};

/*
 * Read the file "path", which is absolute, and what it includes.  Only
 * callbacks and a lack of memory (ERR_LOCAL) make it fail.
 */
int	 pgincludes_read(const char *path, enum pgincludes_syntax,
	    const struct pgincludes_events *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 5)));

#endif /* DATADIR_PGINCLUDES_H */
