/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGLISTS_H
#define CLUSTER_PGLISTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"

/*
 * The cluster's tablespaces and databases, as pg_tablespace and pg_database
 * list them at the moment of the question, and its configuration files.
 *
 * Each list is sorted by OID.  The caller owns it and releases it with the
 * _free() beside it and the same number of items; NULL is fine.  Names are
 * the bytes that the database holds, in no known encoding.  Failures are
 * those of pgsession.h; then nothing was written to *out and *n.
 */
struct pglists_tablespace {
	uint32_t	 oid;
	char		*name;
	char		*location;	/* "pg_tblspc/OID" if in place */
	int		 in_place;	/* its files lie in pg_tblspc itself */
};

/* All except pg_default and pg_global. */
int	 pglists_tablespaces(struct pgsession *s,
	    struct pglists_tablespace **out, size_t *n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 pglists_tablespaces_free(struct pglists_tablespace *list, size_t n);

struct pglists_database {
	uint32_t	 oid;
	char		*name;
};

/* All, including the templates. */
int	 pglists_databases(struct pgsession *s,
	    struct pglists_database **out, size_t *n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 pglists_databases_free(struct pglists_database *list, size_t n);

/*
 * The settings config_file, hba_file and ident_file, in this order: absolute
 * paths on the server's host, or NULL for what the role may not see (it takes
 * membership in pg_read_all_settings).  The caller releases file[] with
 * pglists_config_free(), also after a failure.
 */
#define PGLISTS_CONFIG_FILES	3

int	 pglists_config(struct pgsession *s, char *file[PGLISTS_CONFIG_FILES],
	    struct err *e) __attribute__((warn_unused_result, nonnull));
void	 pglists_config_free(char *file[PGLISTS_CONFIG_FILES]);

#endif /* CLUSTER_PGLISTS_H */
