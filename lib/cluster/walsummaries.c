/* SPDX-License-Identifier: ISC */
/*
 * Asks for WAL summaries.  What comes back decides which blocks of a cluster
 * are not read, so whatever is not as expected is a failure, and never a
 * shorter list.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "cluster/sql.h"
#include "cluster/walsummaries.h"
#include "pg/lsn.h"
#include "pg/relpath.h"

#define WHAT		"WAL summaries"
#define TIMEOUT_MS	60000
#define QUIET_MS	600000		/* PostgreSQL sorts */
#define LINE_MAX_BYTES	256
#define VALUE_MAX	64		/* bytes of one summary in the query */

struct walsummaries {
	struct sql	*sql;
};

/* ALTER ROLE may have set a search_path in which names find others. */
static int
settle(struct sql *sql, struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = TIMEOUT_MS,
	    .text = "SELECT pg_catalog.set_config('search_path', "
	    "'pg_catalog', false), pg_catalog.set_config("
	    "'statement_timeout', '0', false)" };
	PGresult		*res = NULL;
	int			 rc;

	rc = sql_query(sql, &a, &res, e);
	PQclear(res);
	return (rc);
}

int
walsummaries_open(struct walsummaries **out, const char *conninfo,
    struct err *e)
{
	const struct sql_conf	 sql = { conninfo, "base-push", TIMEOUT_MS };
	struct walsummaries	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	if (sql_open(&s->sql, &sql, e) || settle(s->sql, e)) {
		walsummaries_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

void
walsummaries_free(struct walsummaries *s)
{
	if (s == NULL)
		return;
	sql_free(s->sql);
	free(s);
}

int
walsummaries_next_xid(struct walsummaries *s, uint64_t *xid, struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = TIMEOUT_MS,
	    .text = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text" };
	PGresult		*res = NULL;
	int			 rc;

	if (sql_query(s->sql, &a, &res, e))
		return (-1);
	rc = sql_u64(res, 0, xid, e);
	PQclear(res);
	return (rc);
}

static int
unexpected(struct err *e)
{
	return (err_set(e, ERR_PG, WHAT ": PostgreSQL returned something else "
	    "than was asked for"));
}

static int
take_list(const PGresult *res, struct lsn_range **list, size_t *n,
    struct err *e)
{
	const size_t		 rows = (size_t)PQntuples(res);
	struct lsn_range *v;
	struct err		 why = ERR_INIT;
	size_t			 i;

	if (rows > WALSUMMARIES_MAX)
		return (err_set(e, ERR_PG, "PostgreSQL has more than %d WAL "
		    "summaries since the last backup", WALSUMMARIES_MAX));
	if ((v = calloc(rows + 1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	for (i = 0; i < rows; i++)
		if (lsn_parse(PQgetvalue(res, (int)i, 0), &v[i].start, &why) ||
		    lsn_parse(PQgetvalue(res, (int)i, 1), &v[i].end, &why) ||
		    v[i].end <= v[i].start ||
		    (i > 0 && v[i].start < v[i - 1].start)) {
			free(v);
			return (unexpected(e));
		}
	*list = v;
	*n = rows;
	return (0);
}

int
walsummaries_list(struct walsummaries *s, uint32_t timeline,
    const struct lsn_range *wanted, struct lsn_range **list, size_t *n,
    struct err *e)
{
	char			 tli[16], start[LSN_TEXT], end[LSN_TEXT];
	const char *const	 params[] = { tli, start, end };
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = TIMEOUT_MS,
	    .params = params, .nparams = 3,
	    .text = "SELECT start_lsn::text, end_lsn::text "
	    "FROM pg_available_wal_summaries() WHERE tli = $1::bigint AND "
	    "end_lsn > $2::pg_lsn AND start_lsn < $3::pg_lsn "
	    "ORDER BY start_lsn, end_lsn" };
	PGresult		*res = NULL;
	int			 rc;

	(void)snprintf(tli, sizeof(tli), "%" PRIu32, timeline);
	(void)lsn_format(start, wanted->start);
	(void)lsn_format(end, wanted->end);
	if (sql_query(s->sql, &a, &res, e))
		return (-1);
	rc = take_list(res, list, n, e);
	PQclear(res);
	return (rc);
}

/*
 * The files' paths are put together by PostgreSQL, so that it can sort by them:
 * a backup walks through the data directory in the same order.  It must read
 * the very summaries that were listed, and fails if one has gone meanwhile.
 */
static int
query(char **out, uint32_t timeline, const struct lsn_range *list,
    size_t n, const struct walsummaries_how *how, struct err *e)
{
	const size_t	 size = 2048 + n * VALUE_MAX;
	const uint32_t	 seg = how->relseg_blocks;
	char		 start[LSN_TEXT], end[LSN_TEXT], *text;
	size_t		 i, at;

	if ((text = malloc(size)) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	at = (size_t)snprintf(text, size, "COPY (SELECT path, chunk FROM "
	    "(SELECT CASE reltablespace WHEN %d THEN 'global/' "
	    "WHEN %d THEN 'base/' || reldatabase::text || '/' "
	    "ELSE 'pg_tblspc/' || reltablespace::text || '/%s/' || "
	    "reldatabase::text || '/' END || "
	    "CASE WHEN relfilenode = 0 THEN '' "
	    "WHEN is_limit_block OR relblocknumber < %" PRIu32 " "
	    "THEN relfilenode::text ELSE relfilenode::text || '.' || "
	    "(relblocknumber / %" PRIu32 ")::text END AS path, "
	    "CASE WHEN is_limit_block OR relfilenode = 0 THEN -1 "
	    "ELSE relblocknumber %% %" PRIu32 " / %" PRIu32 " END AS chunk "
	    "FROM (VALUES ", RELPATH_GLOBAL, RELPATH_DEFAULT,
	    how->version_dir, seg, seg, seg, how->chunk_blocks);
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at,
		    "%s('%s'::pg_lsn,'%s'::pg_lsn)", i > 0 ? "," : "",
		    lsn_format(start, list[i].start),
		    lsn_format(end, list[i].end));
	(void)snprintf(text + at, size - at, ") s(a, b), "
	    "pg_wal_summary_contents(%" PRIu32 ", s.a, s.b) c "
	    "WHERE c.relforknumber = 0) x GROUP BY path, chunk "
	    "ORDER BY path COLLATE \"C\", chunk) TO STDOUT", timeline);
	*out = text;
	return (0);
}

/* A line: path, tab, number, and its end. */
static int
line(const char *p, size_t n, const struct walsummaries_how *how,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 text[LINE_MAX_BYTES], *tab;
	uint64_t	 chunk = WALSUMMARIES_WHOLE;

	if (n < 2 || n >= sizeof(text) || p[n - 1] != '\n')
		return (unexpected(e));
	memcpy(text, p, n - 1);
	text[n - 1] = '\0';
	if ((tab = memchr(text, '\t', n - 1)) == NULL || tab == text)
		return (unexpected(e));
	*tab = '\0';
	if (strcmp(tab + 1, "-1") != 0 && parse_u64(tab + 1, 0,
	    WALSUMMARIES_WHOLE - 1, &chunk, "", &why))
		return (unexpected(e));
	return (how->each(how->arg, text, (uint32_t)chunk, e));
}

static int
lines(struct walsummaries *s, const struct walsummaries_how *how,
    struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = QUIET_MS };
	enum sql_copied		 what;
	char			*buf;
	size_t			 n;
	int			 rc;

	do {
		if (sql_copy(s->sql, &a, &what, &buf, &n, e))
			return (-1);
		rc = what == SQL_COPY_DATA ? line(buf, n, how, e) : 0;
		PQfreemem(buf);
	} while (rc == 0 && what != SQL_COPY_END);
	return (rc);
}

/* One more result of this kind; "none" is that no more will come. */
static int
result(struct walsummaries *s, ExecStatusType want, int none, struct err *e)
{
	const struct sql_ask	 a = { .what = WHAT, .timeout_ms = QUIET_MS };
	PGresult		*res = NULL;
	int			 rc;

	if (sql_result(s->sql, &a, &res, e))
		return (-1);
	rc = none ? res == NULL : res != NULL && PQresultStatus(res) == want;
	PQclear(res);
	return (rc ? 0 : unexpected(e));
}

int
walsummaries_blocks(struct walsummaries *s, uint32_t timeline,
    const struct lsn_range *list, size_t n,
    const struct walsummaries_how *how, struct err *e)
{
	char	*text = NULL;
	int	 rc;

	if (n == 0)
		return (0);
	if (query(&text, timeline, list, n, how, e))
		return (-1);
	rc = sql_send(s->sql, WHAT, text, e) ||
	    result(s, PGRES_COPY_OUT, 0, e) ||
	    lines(s, how, e) ||
	    result(s, PGRES_COMMAND_OK, 0, e) ||
	    result(s, PGRES_EMPTY_QUERY, 1, e) ? -1 : 0;
	free(text);
	return (rc);
}
