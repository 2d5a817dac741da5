/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL for tablespaces, databases and configuration files. */
#include <stdlib.h>

#include "base/parse.h"
#include "base/str.h"
#include "cluster/pglists.h"
#include "cluster/sql.h"

static int
take_tablespace(const PGresult *res, int row, struct pglists_tablespace *t,
    struct err *e)
{
	uint64_t	 oid;

	if (parse_u64(PQgetvalue(res, row, 0), 1, UINT32_MAX, &oid,
	    "tablespace oid", e) ||
	    str_dup(&t->name, PQgetvalue(res, row, 1), e) ||
	    str_dup(&t->location, PQgetvalue(res, row, 2), e))
		return (-1);
	/* In place, pg_tablespace_location() returns a relative path. */
	t->oid = (uint32_t)oid;
	t->in_place = t->location[0] != '/';
	return (0);
}

int
pglists_tablespaces(struct pgsession *s, struct pglists_tablespace **out,
    size_t *n, struct err *e)
{
	struct pglists_tablespace	*all = NULL;
	PGresult			*res = NULL;
	int				 i, rows = 0, rc = -1;

	if (pgsession_ask(s, "list tablespaces", "SELECT oid, spcname, "
	    "pg_tablespace_location(oid) FROM pg_tablespace "
	    "WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY oid",
	    NULL, &res, e))
		goto out;
	rows = PQntuples(res);
	if ((all = calloc((size_t)rows + 1, sizeof(*all))) == NULL) {
		err_sys(e, ERR_LOCAL, "list tablespaces");
		goto out;
	}
	for (i = 0; i < rows; i++)
		if (take_tablespace(res, i, &all[i], e))
			goto out;
	*out = all;
	*n = (size_t)rows;
	all = NULL;
	rc = 0;
out:
	/* Members that were not read are NULL, so all rows can be freed. */
	pglists_tablespaces_free(all, (size_t)rows);
	PQclear(res);
	return (rc);
}

void
pglists_tablespaces_free(struct pglists_tablespace *t, size_t n)
{
	size_t	 i;

	if (t == NULL)
		return;
	for (i = 0; i < n; i++) {
		free(t[i].name);
		free(t[i].location);
	}
	free(t);
}

static int
take_database(const PGresult *res, int row, struct pglists_database *d,
    struct err *e)
{
	uint64_t	 oid;

	if (parse_u64(PQgetvalue(res, row, 0), 1, UINT32_MAX, &oid,
	    "database oid", e) || str_dup(&d->name, PQgetvalue(res, row, 1),
	    e))
		return (-1);
	d->oid = (uint32_t)oid;
	return (0);
}

int
pglists_databases(struct pgsession *s, struct pglists_database **out,
    size_t *n, struct err *e)
{
	struct pglists_database	*all = NULL;
	PGresult			*res = NULL;
	int				 i, rows = 0, rc = -1;

	if (pgsession_ask(s, "list databases", "SELECT oid, datname "
	    "FROM pg_database ORDER BY oid", NULL, &res, e))
		goto out;
	rows = PQntuples(res);
	if ((all = calloc((size_t)rows + 1, sizeof(*all))) == NULL) {
		err_sys(e, ERR_LOCAL, "list databases");
		goto out;
	}
	for (i = 0; i < rows; i++)
		if (take_database(res, i, &all[i], e))
			goto out;
	*out = all;
	*n = (size_t)rows;
	all = NULL;
	rc = 0;
out:
	pglists_databases_free(all, (size_t)rows);
	PQclear(res);
	return (rc);
}

void
pglists_databases_free(struct pglists_database *d, size_t n)
{
	size_t	 i;

	for (i = 0; d != NULL && i < n; i++)
		free(d[i].name);
	free(d);
}

int
pglists_config(struct pgsession *s, char *file[PGLISTS_CONFIG_FILES],
    struct err *e)
{
	PGresult	*res = NULL;
	int		 i, rc = 0;

	for (i = 0; i < PGLISTS_CONFIG_FILES; i++)
		file[i] = NULL;
	/* pg_settings leaves out what current_setting() would refuse. */
	if (pgsession_ask(s, "ask for configuration files", "SELECT "
	    "(SELECT setting FROM pg_settings WHERE name = 'config_file'), "
	    "(SELECT setting FROM pg_settings WHERE name = 'hba_file'), "
	    "(SELECT setting FROM pg_settings WHERE name = 'ident_file')",
	    NULL, &res, e))
		return (-1);
	if (PQntuples(res) != 1)
		rc = err_set(e, ERR_PG, "ask for configuration files: "
		    "PostgreSQL returned %d rows, expected 1",
		    PQntuples(res));
	for (i = 0; rc == 0 && i < PGLISTS_CONFIG_FILES; i++)
		if (!PQgetisnull(res, 0, i))
			rc = str_dup(&file[i], PQgetvalue(res, 0, i), e);
	PQclear(res);
	return (rc);
}

void
pglists_config_free(char *file[PGLISTS_CONFIG_FILES])
{
	int	 i;

	for (i = 0; i < PGLISTS_CONFIG_FILES; i++)
		free(file[i]);
}
