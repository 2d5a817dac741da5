/* SPDX-License-Identifier: ISC */
/* What the restored databases are asked: amcheck, pg_dump, SQL. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/child.h"
#include "drill/drillcheck.h"
#include "drill/patience.h"
#include "drill/pgbinaries.h"

#define OUTPUT		4096

/* All databases but template0: names, and whether they allow connections. */
struct names {
	PGresult	*res;
	int		 n;
};

static const char *
name_of(const struct names *all, int i)
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

/* Whether a check can be made of database "i", which may not be wanted. */
static int
is_checked(const struct drillcheck *d, const struct names *all, int i,
    enum drillreport_check check)
{
	if (!is_restored(d->conf, name_of(all, i)))
		return (0);
	if (strcmp(PQgetvalue(all->res, i, 1), "t") == 0)
		return (1);
	drillreport_set(d->report, check, DRILLREPORT_SKIPPED, "database %s "
	    "allows no connections", name_of(all, i));
	return (0);
}

/* One that was named may be renamed or dropped in replay. */
static void
miss(const struct drillcheck *d, const struct names *all,
    enum drillreport_check check)
{
	const struct drillconf	*c = d->conf;
	size_t			 k;
	int			 i;

	for (k = 0; k < c->nonly; k++) {
		for (i = 0; i < all->n &&
		    strcmp(c->only[k], name_of(all, i)) != 0; i++)
			;
		if (i == all->n)
			drillreport_set(d->report, check, DRILLREPORT_SKIPPED,
			    "database %s is not there after recovery",
			    c->only[k]);
	}
}

/* A statement in one database, which may take long. */
static int
query(const struct drillcheck *d, const char *db, const char *text,
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

/* The first line that a program printed, or what stands for it. */
static void
first_line(const struct drillcheck *d, int status, char *buf, size_t size)
{
	struct err	 unused = ERR_INIT;
	char		 text[OUTPUT];
	size_t		 n = 0;
	int		 fd = open(d->server->at->output, O_RDONLY | O_CLOEXEC);

	buf[0] = '\0';
	if (fd != -1 && io_read_at(fd, text, sizeof(text) - 1, 0, &n,
	    "output", &unused) == 0) {
		text[n] = '\0';
		(void)str_clean(buf, size, text, strcspn(text, "\n"));
	}
	if (fd != -1)
		(void)close(fd);	/* read only: nothing to lose */
	if (buf[0] == '\0' && status > 128)
		(void)snprintf(buf, size, "ended by signal %d", status - 128);
	else if (buf[0] == '\0')
		(void)snprintf(buf, size, "status %d, without a word",
		    status);
}

/* Run a program of PostgreSQL's; *status, and in "said" what it says. */
static int
program(const struct drillcheck *d, const char *const *argv, int *status,
    char *said, size_t size, struct err *e)
{
	const struct child	 c = { .argv = argv,
	    .out = d->server->at->output };

	if (unlink(d->server->at->output) == -1 && errno != ENOENT)
		return (err_sys(e, ERR_LOCAL, "remove %s",
		    d->server->at->output));
	if (child_run(&c, status, e))
		return (-1);
	first_line(d, *status, said, size);
	return (0);
}

static int
client(const struct drillcheck *d, char path[PATH_MAX], const char *name,
    enum drillreport_check check, struct err *e)
{
	const int	 rc = pgbinaries_client(path, name, d->bindir,
	    d->report->postgresql / 10000, e);

	if (rc == 1)
		drillreport_set(d->report, check, DRILLREPORT_SKIPPED, "there "
		    "is no %s of PostgreSQL %u or later on this host", name,
		    d->report->postgresql / 10000);
	return (rc);
}

/* A command, which has no rows. */
static int
command(const struct drillcheck *d, const char *db, const char *text,
    struct err *why)
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

/* Before pg_amcheck, which came with 14: the indexes alone. */
static int
amcheck_indexes(const struct drillcheck *d, const char *db, struct err *why)
{
	PGresult	*res;

	if (command(d, db, "CREATE EXTENSION IF NOT EXISTS amcheck WITH "
	    "SCHEMA pg_catalog", why))
		return (-1);
	if (query(d, db, "SELECT count(bt_index_check(c.oid, true)) "
	    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	    "JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND "
	    "c.relkind = 'i' AND c.relpersistence <> 't' AND i.indisready "
	    "AND i.indisvalid", &res, why))
		return (-1);
	PQclear(res);
	return (0);
}

static int
amcheck_program(const struct drillcheck *d, const char *path, const char *db,
    int *status, char *said, size_t size, struct err *e)
{
	char		 info[SANDBOXSERVER_CONNINFO], jobs[16];
	const char	*argv[] = { path, "--heapallindexed",
	    "--install-missing", "--no-password", "--jobs", jobs, info, NULL };

	(void)snprintf(jobs, sizeof(jobs), "%u", d->conf->jobs);
	return (sandboxserver_conninfo(info, d->server, db, e) ||
	    program(d, argv, status, said, size, e) ? -1 : 0);
}

/* Whether the extension can be made. */
static int
has_amcheck(const struct drillcheck *d, struct err *why)
{
	PGresult	*res;
	int		 yes;

	if (query(d, "template1", "SELECT count(*) > 0 FROM "
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
	struct err	 why = ERR_INIT;
	char		 said[DRILLREPORT_TEXT];
	int		 status = 0;

	if (path == NULL) {
		if (amcheck_indexes(d, db, &why))
			drillreport_set(d->report, DRILLREPORT_AMCHECK,
			    DRILLREPORT_FAILED, "database %s: %s", db,
			    why.msg);
		return (0);
	}
	if (amcheck_program(d, path, db, &status, said, sizeof(said), e))
		return (-1);
	if (status != 0)
		drillreport_set(d->report, DRILLREPORT_AMCHECK,
		    DRILLREPORT_FAILED, "database %s: %s", db, said);
	return (0);
}

static int
amcheck(const struct drillcheck *d, const struct names *all, struct err *e)
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
	if (by_program && (rc = client(d, path, "pg_amcheck",
	    DRILLREPORT_AMCHECK, e)) != 0)
		return (rc == 1 ? 0 : -1);
	for (i = 0; i < all->n; i++) {
		if (!is_checked(d, all, i, DRILLREPORT_AMCHECK))
			continue;
		if (amcheck_one(d, by_program ? path : NULL, name_of(all, i),
		    e))
			return (-1);
		n++;
	}
	miss(d, all, DRILLREPORT_AMCHECK);
	drillreport_set(d->report, DRILLREPORT_AMCHECK, DRILLREPORT_OK,
	    "%d databases: %s", n, by_program ?
	    "all tables and B-tree indexes are sound" :
	    "all B-tree indexes are sound");
	return (0);
}

static int
dump_one(const struct drillcheck *d, const char *path, const char *db,
    struct err *e)
{
	char		 info[SANDBOXSERVER_CONNINFO], said[DRILLREPORT_TEXT];
	const char	*argv[] = { path, "--no-password", "--no-sync",
	    "--format=plain", "--file=/dev/null", info, NULL };
	int		 status;

	if (sandboxserver_conninfo(info, d->server, db, e) ||
	    program(d, argv, &status, said, sizeof(said), e))
		return (-1);
	if (status != 0)
		drillreport_set(d->report, DRILLREPORT_DUMP,
		    DRILLREPORT_FAILED, "pg_dump of database %s: %s", db,
		    said);
	return (0);
}

static int
dump_globals(const struct drillcheck *d, const char *path, struct err *e)
{
	char		 info[SANDBOXSERVER_CONNINFO], said[DRILLREPORT_TEXT];
	const char	*argv[] = { path, "--no-password", "--no-sync",
	    "--globals-only", "--file=/dev/null", "--dbname", info, NULL };
	int		 status;

	if (sandboxserver_conninfo(info, d->server, "template1", e) ||
	    program(d, argv, &status, said, sizeof(said), e))
		return (-1);
	if (status != 0)
		drillreport_set(d->report, DRILLREPORT_DUMP,
		    DRILLREPORT_FAILED, "pg_dumpall of roles: %s", said);
	return (0);
}

static int
dump(const struct drillcheck *d, const struct names *all, struct err *e)
{
	char	 path[PATH_MAX];
	int	 i, rc, n = 0;

	if ((rc = client(d, path, "pg_dumpall", DRILLREPORT_DUMP, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if (dump_globals(d, path, e))
		return (-1);
	if ((rc = client(d, path, "pg_dump", DRILLREPORT_DUMP, e)) != 0)
		return (rc == 1 ? 0 : -1);
	for (i = 0; i < all->n; i++) {
		if (!is_checked(d, all, i, DRILLREPORT_DUMP))
			continue;
		if (dump_one(d, path, name_of(all, i), e))
			return (-1);
		n++;
	}
	miss(d, all, DRILLREPORT_DUMP);
	drillreport_set(d->report, DRILLREPORT_DUMP, DRILLREPORT_OK,
	    "%d databases were read to their ends", n);
	return (0);
}

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

	if (query(d, d->conf->sql_db, q->query, &res, &why)) {
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

static int
list(const struct drillcheck *d, struct names *all, struct err *why)
{
	if (query(d, "template1", "SELECT datname, datallowconn FROM "
	    "pg_database WHERE datname <> 'template0' ORDER BY 1", &all->res,
	    why))
		return (-1);
	all->n = PQntuples(all->res);
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
	struct names	 all = { NULL, 0 };
	struct err	 why = ERR_INIT;
	int		 rc = 0;

	if (list(d, &all, &why)) {
		drillreport_set(d->report, DRILLREPORT_OPEN,
		    DRILLREPORT_FAILED, "%s", why.msg);
		return (0);
	}
	if (d->conf->check[DRILLREPORT_SQL]) {
		step(d, "asks the queries");
		rc = sql(d, e);
	}
	if (rc == 0 && d->conf->check[DRILLREPORT_DUMP]) {
		step(d, "dumps every database to nowhere");
		rc = dump(d, &all, e);
	}
	if (rc == 0 && d->conf->check[DRILLREPORT_AMCHECK]) {
		step(d, "checks tables and indexes");
		rc = amcheck(d, &all, e);
	}
	PQclear(all.res);
	return (rc);
}
