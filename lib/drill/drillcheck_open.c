/* SPDX-License-Identifier: ISC */
/* What the restored databases are asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/drillamcheck.h"
#include "drill/drillcheck.h"
#include "drill/drilldbs.h"
#include "drill/drilldumpall.h"
#include "drill/drillrows.h"

/*
 * A row a line, its columns separated by "|", as psql -At prints them.  The
 * caller frees it; NULL: no memory.
 */
static char *
answer(const PGresult *res)
{
	char	*text = NULL;
	size_t	 n;
	FILE	*f;
	int	 row, col;

	if ((f = open_memstream(&text, &n)) == NULL)
		return (NULL);
	for (row = 0; row < PQntuples(res); row++)
		for (col = 0; col < PQnfields(res); col++)
			(void)fprintf(f, "%s%s", col > 0 ? "|" : row > 0 ?
			    "\n" : "", PQgetvalue(res, row, col));
	if (fclose(f) == 0)
		return (text);
	free(text);
	return (NULL);
}

static int
sql_one(const struct drillcheck *d, const struct drillconf_sql *q,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	PGresult	*res;
	char		*got;

	if (drilldbs_query(d, d->conf->sql_db, q->query, &res, &why)) {
		drillreport_set(d->report, DRILLREPORT_SQL,
		    DRILLREPORT_FAILED, "%.120s: %s", q->query, why.msg);
		return (0);
	}
	got = answer(res);
	PQclear(res);
	if (got == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an answer"));
	if (strcmp(got, q->expect) != 0)
		drillreport_set(d->report, DRILLREPORT_SQL,
		    DRILLREPORT_FAILED, "%.120s: found \"%.120s\", expected "
		    "\"%.120s\"", q->query, got, q->expect);
	free(got);
	return (0);
}

static int
sql(const struct drillcheck *d, struct err *e)
{
	size_t	 i;

	if (d->conf->nsql == 0) {
		drillreport_set(d->report, DRILLREPORT_SQL,
		    DRILLREPORT_SKIPPED, "no --sql was given");
		return (0);
	}
	for (i = 0; i < d->conf->nsql; i++)
		if (sql_one(d, &d->conf->sql[i], e))
			return (-1);
	drillreport_set(d->report, DRILLREPORT_SQL, DRILLREPORT_OK,
	    "%zu quer%s as expected", d->conf->nsql, d->conf->nsql == 1 ?
	    "y was answered" : "ies were answered");
	return (0);
}

static void
step(const struct drillcheck *d, const char *text)
{
	if (d->conf->step != NULL)
		d->conf->step(d->conf->arg, text);
}

int
drillcheck_open(struct drillcheck *d, struct err *e)
{
	struct drilldbs	 all = { NULL, 0 };
	struct err	 why = ERR_INIT;
	int		 rc = 0;

	if (drilldbs_list(&all, d, &why)) {
		drillreport_set(d->report, DRILLREPORT_OPEN,
		    DRILLREPORT_FAILED, "%s", why.msg);
		return (0);
	}
	if (d->conf->check[DRILLREPORT_SQL]) {
		step(d, "asks the queries");
		rc = sql(d, e);
	}
	if (rc == 0 && d->conf->check[DRILLREPORT_ROWS]) {
		step(d, "looks which tables have rows");
		rc = drillrows(d, &all, e);
	}
	if (rc == 0 && d->conf->check[DRILLREPORT_DUMP]) {
		step(d, "dumps every database to nowhere");
		rc = drilldumpall(d, &all, e);
	}
	if (rc == 0 && d->conf->check[DRILLREPORT_AMCHECK]) {
		step(d, "checks tables and indexes");
		rc = drillamcheck(d, &all, e);
	}
	drilldbs_free(&all);
	return (rc);
}
