/* SPDX-License-Identifier: ISC */
#ifndef DRILL_PGBINARIES_H
#define DRILL_PGBINARIES_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Where the programs of PostgreSQL are, by its major version: what Debian,
 * PGDG and Fedora use, and PATH; or only "bindir", the setting pg_bindir.
 */

/*
 * The major version in what "postgres -V" and its like print ("postgres
 * (PostgreSQL) 15.6 (Debian ...)", "pg_dump (PostgreSQL) 18beta1"); 0 if there
 * is none.
 */
unsigned pgbinaries_version(const char *text) __attribute__((nonnull));

/*
 * Find the directory of the server of that major version, and never another
 * one.  ERR_CONFIG, with the places that were looked at, if there is none.
 */
int	 pgbinaries_server(char dir[PATH_MAX], unsigned major,
	    const char *bindir, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4)));

/*
 * Find the client "name" (pg_dump, pg_amcheck): beside the server, in "dir", or
 * the oldest of this version or a later one, since these know earlier servers.
 * Returns 0, 1 if there is none, or -1.
 */
int	 pgbinaries_client(char path[PATH_MAX], const char *name,
	    const char *dir, unsigned major, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_PGBINARIES_H */
