/* SPDX-License-Identifier: ISC */
/* Are tables and indexes sound? */
#include <stdio.h>
#include <string.h>

#include "cluster/sql.h"
#include "drill/drillamcheck.h"
#include "drill/drillprogram.h"

/* Before pg_amcheck, which came with 14: the indexes alone. */
static int
amcheck_indexes(const struct drillcheck *d, const char *db, struct err *why)
{
	PGresult	*res;

	if (drilldbs_command(d, db, "CREATE EXTENSION IF NOT EXISTS amcheck "
	    "WITH SCHEMA pg_catalog", why))
		return (-1);
	if (drilldbs_query(d, db, "SELECT count(bt_index_check(c.oid, true)) "
	    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	    "JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND "
	    "c.relkind = 'i' AND c.relpersistence <> 't' AND i.indisready "
	    "AND i.indisvalid", &res, why))
		return (-1);
	PQclear(res);
	return (0);
}

static int
amcheck_program(struct drillprogram *p, const struct drillcheck *d,
    const char *path, const char *db, struct err *e)
{
	const char	*argv[] = { path, "--heapallindexed",
	    "--install-missing", "--no-password", "--jobs", "", p->info, NULL };
	char		 jobs[16];

	(void)snprintf(jobs, sizeof(jobs), "%u", d->conf->jobs);
	argv[5] = jobs;
	memcpy(p->argv, argv, sizeof(argv));
	return (drillprogram_to(p, d, db, e) ||
	    drillprogram_run(p, 1, 1, d, e) ? -1 : 0);
}

/* Whether the extension can be made. */
static int
has_amcheck(const struct drillcheck *d, struct err *why)
{
	PGresult	*res;
	int		 yes;

	if (drilldbs_query(d, "template1", "SELECT count(*) > 0 FROM "
	    "pg_available_extensions WHERE name = 'amcheck'", &res, why))
		return (-1);
	yes = sql_is_true(res, 0);
	PQclear(res);
	if (!yes)
		drillreport_set(d->report, DRILLREPORT_AMCHECK,
		    DRILLREPORT_SKIPPED, "the extension amcheck is not "
		    "installed for PostgreSQL %u; it is in the contrib "
		    "package", d->report->postgresql / 10000);
	return (yes);
}

static int
amcheck_one(const struct drillcheck *d, const char *path, const char *db,
    struct err *e)
{
	struct drillprogram	 p;
	struct err		 why = ERR_INIT;

	if (path == NULL) {
		if (amcheck_indexes(d, db, &why))
			drillreport_set(d->report, DRILLREPORT_AMCHECK,
			    DRILLREPORT_FAILED, "database %s: %s", db,
			    why.msg);
		return (0);
	}
	if (amcheck_program(&p, d, path, db, e))
		return (-1);
	if (p.status != 0)
		drillreport_set(d->report, DRILLREPORT_AMCHECK,
		    DRILLREPORT_FAILED, "database %s: %s", db, p.said);
	return (0);
}

int
drillamcheck(const struct drillcheck *d, const struct drilldbs *all,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 path[PATH_MAX];
	int		 i, rc, n = 0, by_program;

	by_program = d->report->postgresql >= 140000;
	if ((rc = has_amcheck(d, &why)) == -1)
		drillreport_set(d->report, DRILLREPORT_AMCHECK,
		    DRILLREPORT_FAILED, "%s", why.msg);
	if (rc != 1)
		return (0);
	if (by_program && (rc = drillprogram_find(path, d, "pg_amcheck",
	    DRILLREPORT_AMCHECK, e)) != 0)
		return (rc == 1 ? 0 : -1);
	for (i = 0; i < all->n; i++) {
		if (!drilldbs_wanted(all, i, d, DRILLREPORT_AMCHECK))
			continue;
		if (amcheck_one(d, by_program ? path : NULL, drilldbs_name(all,
		    i), e))
			return (-1);
		n++;
	}
	drilldbs_miss(all, d, DRILLREPORT_AMCHECK);
	drillreport_set(d->report, DRILLREPORT_AMCHECK, DRILLREPORT_OK,
	    "%d databases: %s", n, by_program ?
	    "all tables and B-tree indexes are sound" :
	    "all B-tree indexes are sound");
	return (0);
}
