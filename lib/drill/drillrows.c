/* SPDX-License-Identifier: ISC */
/* Which tables have rows, now and in earlier drills. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "drill/drillrows.h"
#include "drill/rowsfile.h"
#include "pg/lsn.h"

#define AT_ONCE		50	/* tables of one question */

struct table {
	char	*name;		/* owned; as in rowsfile.h */
	int	 has;		/* it has a row */
};

struct tables {
	struct table	*v;
	size_t		 n;
	uint64_t	 rows;	/* of all, estimated */
};

/*
 * All tables, with what asks whether one has a row, in this table itself or in
 * any of its partitions.  Before 14 a keyword such as "name" needs its AS.
 */
static const char	 list[] =
	"SELECT name, string_agg(ask, ' OR '), sum(rows)::bigint FROM (SELECT "
	"replace(encode(textsend(format('%I.%I.%I', current_database(), "
	"rn.nspname, r.relname)), 'escape'), chr(10), chr(92) || '012') "
	"AS name, "
	"format('EXISTS (SELECT FROM ONLY %I.%I)', n.nspname, c.relname) "
	"AS ask, "
	"greatest(c.reltuples::float8, 0) AS rows "
	"FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
	"JOIN pg_class r ON r.oid = coalesce(pg_partition_root(c.oid), c.oid) "
	"JOIN pg_namespace rn ON rn.oid = r.relnamespace "
	"WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN "
	"('pg_catalog', 'information_schema')) t GROUP BY 1";

static int
add(struct tables *t, const char *name, int has, struct err *e)
{
	struct table	*v = reallocarray(t->v, t->n + 1, sizeof(*v));

	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for tables"));
	t->v = v;
	if (str_dup(&v[t->n].name, name, e))
		return (-1);
	v[t->n++].has = has;
	return (0);
}

/* Ask for tables "from" to "to" of the list at once. */
static int
ask(PGresult **res, const struct drillcheck *d, const char *db,
    const PGresult *all, int from, int to, struct err *why)
{
	char	*text = NULL;
	size_t	 n;
	FILE	*f;
	int	 i, rc;

	if ((f = open_memstream(&text, &n)) == NULL)
		return (err_sys(why, ERR_LOCAL, "memory for a question"));
	for (i = from; i < to; i++)
		(void)fprintf(f, "%s%s", i == from ? "SELECT " : ", ",
		    PQgetvalue(all, i, 1));
	rc = fclose(f) == EOF ? err_sys(why, ERR_LOCAL, "memory for a "
	    "question") : drilldbs_query(d, db, text, res, why);
	free(text);
	return (rc);
}

/* Add the tables of a database. */
static int
gather(struct tables *t, const struct drillcheck *d, const char *db,
    struct err *why)
{
	PGresult	*all = NULL, *res;
	uint64_t	 rows;
	int		 i, k, to, n, rc;

	if (drilldbs_query(d, db, list, &all, why))
		return (-1);
	n = PQntuples(all);
	for (i = rc = 0; rc == 0 && i < n; i = to) {
		to = n - i < AT_ONCE ? n : i + AT_ONCE;
		if ((rc = ask(&res, d, db, all, i, to, why)) != 0)
			break;
		for (k = i; rc == 0 && k < to; k++) {
			rc = add(t, PQgetvalue(all, k, 0),
			    PQgetvalue(res, 0, k - i)[0] == 't', why) ||
			    parse_u64(PQgetvalue(all, k, 2), 0, UINT64_MAX,
			    &rows, "rows", why) ? -1 : 0;
			t->rows += rc == 0 ? rows : 0;
		}
		PQclear(res);
	}
	PQclear(all);
	return (rc);
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(((const struct table *)a)->name,
	    ((const struct table *)b)->name));
}

static const struct table *
find(const struct tables *t, char *name)
{
	const struct table	 key = { .name = name };

	return (t->n == 0 ? NULL : bsearch(&key, t->v, t->n, sizeof(*t->v),
	    by_name));
}

/* Whether a table of an earlier drill is of a database that was restored. */
static int
is_wanted(const struct drillcheck *d, const struct tables *t,
    const char *name)
{
	const size_t	 n = strcspn(name, ".") + 1;
	size_t		 i;

	if (d->conf->nonly == 0)
		return (1);
	for (i = 0; i < t->n; i++)
		if (strncmp(t->v[i].name, name, n) == 0)
			return (1);
	return (0);
}

static void
compare(const struct drillcheck *d, const struct tables *t,
    const struct rowsfile *was, size_t with)
{
	const struct table	*now;
	const char		*first = NULL, *how = "";
	char			 lsn[LSN_TEXT];
	size_t			 i, lost = 0;

	for (i = 0; i < was->n; i++) {
		now = find(t, was->table[i]);
		if ((now != NULL && now->has) ||
		    !is_wanted(d, t, was->table[i]))
			continue;
		if (lost++ > 0)
			continue;
		first = was->table[i];
		how = now == NULL ? "is gone" : "is empty";
	}
	(void)lsn_format(lsn, was->lsn);
	if (lost > 0)
		drillreport_set(d->report, DRILLREPORT_ROWS,
		    DRILLREPORT_FAILED, "%zu table%s had rows in the drill "
		    "that reached %s and %s none now; first: %.200s, which "
		    "%s", lost, str_plural(lost), lsn, lost == 1 ? "has" :
		    "have", first, how);
	else
		drillreport_set(d->report, DRILLREPORT_ROWS, DRILLREPORT_OK,
		    "%zu of %zu tables have rows, about %" PRIu64 " by "
		    "PostgreSQL's statistics; each that had some in the drill "
		    "that reached %s still has", with, t->n, t->rows, lsn);
}

/* Keep what has rows; returns -1, or 0 with how many these are in *with. */
static int
keep(const struct drillcheck *d, const struct tables *t, size_t *with,
    struct err *e)
{
	const struct drillconf	*c = d->conf;
	const char		**v = calloc(t->n + 1, sizeof(*v));
	size_t			 i;
	int			 rc = 0;

	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for tables"));
	for (*with = i = 0; i < t->n; i++)
		if (t->v[i].has)
			v[(*with)++] = t->v[i].name;
	if (c->nonly == 0 && d->report->line[DRILLREPORT_ROWS].verdict ==
	    DRILLREPORT_UNASKED)
		rc = rowsfile_save(v, *with, c->state_dir, c->server,
		    c->plan->system_id, d->report->lsn, e);
	free(v);
	return (rc);
}

/* With what earlier drills found. */
static int
judge(const struct drillcheck *d, const struct tables *t, struct err *e)
{
	const struct drillconf	*c = d->conf;
	struct rowsfile		 was = { .n = 0 };
	struct err		 why = ERR_INIT;
	size_t			 with = 0;
	int			 rc;

	rc = rowsfile_load(&was, c->state_dir, c->server, c->plan->system_id,
	    d->report->lsn, &why);
	if (keep(d, t, &with, e)) {
		rowsfile_free(&was);
		return (-1);
	}
	if (rc == 0)
		compare(d, t, &was, with);
	else if (rc == -1)
		drillreport_set(d->report, DRILLREPORT_ROWS,
		    DRILLREPORT_SKIPPED, "%s", why.msg);
	else
		drillreport_set(d->report, DRILLREPORT_ROWS, DRILLREPORT_OK,
		    "%zu of %zu tables have rows, about %" PRIu64 " by "
		    "PostgreSQL's statistics; there is no drill of an earlier "
		    "moment to compare with", with, t->n, t->rows);
	rowsfile_free(&was);
	return (0);
}

int
drillrows(const struct drillcheck *d, const struct drilldbs *all,
    struct err *e)
{
	struct tables	 t = { .n = 0 };
	struct err	 why = ERR_INIT;
	int		 i, rc = 0;

	for (i = 0; rc == 0 && i < all->n; i++)
		if (drilldbs_wanted(all, i, d, DRILLREPORT_ROWS))
			rc = gather(&t, d, drilldbs_name(all, i), &why);
	if (rc != 0) {
		drillreport_set(d->report, DRILLREPORT_ROWS,
		    DRILLREPORT_FAILED, "database %s: %s",
		    drilldbs_name(all, i - 1), why.msg);
		rc = why.kind == ERR_LOCAL ? err_set(e, why.kind, "%s",
		    why.msg) : 0;
	} else {
		if (t.n > 0)
			qsort(t.v, t.n, sizeof(*t.v), by_name);
		drilldbs_miss(all, d, DRILLREPORT_ROWS);
		rc = judge(d, &t, e);
	}
	while (t.n > 0)
		free(t.v[--t.n].name);
	free(t.v);
	return (rc);
}
