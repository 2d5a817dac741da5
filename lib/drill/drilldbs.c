/* SPDX-License-Identifier: ISC */
/* The databases of an open server. */
#include <string.h>

#include "drill/drilldbs.h"

int
drilldbs_list(struct drilldbs *all, const struct drillcheck *d,
    struct err *why)
{
	if (drilldbs_query(d, "template1", "SELECT datname, datallowconn FROM "
	    "pg_database WHERE datname <> 'template0' ORDER BY 1", &all->res,
	    why))
		return (-1);
	all->n = PQntuples(all->res);
	return (0);
}

void
drilldbs_free(struct drilldbs *all)
{
	PQclear(all->res);
	*all = (struct drilldbs){ NULL, 0 };
}

const char *
drilldbs_name(const struct drilldbs *all, int i)
{
	return (PQgetvalue(all->res, i, 0));
}

/* Whether this one came back; all did unless some were named. */
static int
is_restored(const struct drillconf *c, const char *db)
{
	size_t	 i;

	if (c->nonly == 0 || strcmp(db, "postgres") == 0 ||
	    strcmp(db, "template1") == 0)
		return (1);
	for (i = 0; i < c->nonly; i++)
		if (strcmp(c->only[i], db) == 0)
			return (1);
	return (0);
}

int
drilldbs_wanted(const struct drilldbs *all, int i, const struct drillcheck *d,
    enum drillreport_check check)
{
	if (!is_restored(d->conf, drilldbs_name(all, i)))
		return (0);
	if (strcmp(PQgetvalue(all->res, i, 1), "t") == 0)
		return (1);
	drillreport_set(d->report, check, DRILLREPORT_SKIPPED, "database %s "
	    "allows no connections", drilldbs_name(all, i));
	return (0);
}

void
drilldbs_miss(const struct drilldbs *all, const struct drillcheck *d,
    enum drillreport_check check)
{
	/* They may be renamed or dropped in replay. */
	const struct drillconf	*c = d->conf;
	size_t			 k;
	int			 i;

	for (k = 0; k < c->nonly; k++) {
		for (i = 0; i < all->n &&
		    strcmp(c->only[k], drilldbs_name(all, i)) != 0; i++)
			;
		if (i == all->n)
			drillreport_set(d->report, check, DRILLREPORT_SKIPPED,
			    "database %s is not there after recovery",
			    c->only[k]);
	}
}

int
drilldbs_query(const struct drillcheck *d, const char *db, const char *text,
    PGresult **res, struct err *why)
{
	const struct sql_ask	 a = { .what = "query", .text = text };
	struct sql		*q = NULL;
	int			 rc;

	rc = sandboxserver_connect(&q, d->server, db, why) ||
	    sql_query(q, &a, res, why) ? -1 : 0;
	sql_free(q);
	return (rc);
}

int
drilldbs_command(const struct drillcheck *d, const char *db,
    const char *text, struct err *why)
{
	const struct sql_ask	 a = { .what = "command", .text = text };
	struct sql		*q = NULL;
	PGresult		*res = NULL;
	int			 rc;

	rc = sandboxserver_connect(&q, d->server, db, why) ||
	    sql_send(q, a.what, text, why) ? -1 : 0;
	while (rc == 0 && (rc = sql_result(q, &a, &res, why)) == 0 &&
	    res != NULL)
		PQclear(res);
	sql_free(q);
	return (rc);
}
