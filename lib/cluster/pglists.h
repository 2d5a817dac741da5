/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGLISTS_H
#define CLUSTER_PGLISTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"

/*
 * The cluster's tablespaces and databases, as pg_tablespace and pg_database
 * list them at the moment of the question.
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

#endif /* CLUSTER_PGLISTS_H */
