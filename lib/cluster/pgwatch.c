/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL how far its archiving is. */
#include <string.h>

#include "base/str.h"
#include "cluster/pgwatch.h"
#include "cluster/sql.h"

#define TO_READ	"membership in pg_read_all_settings"

/*
 * The first eight digits of a WAL file's name are the timeline, whichever
 * segment the server names for a position at a boundary.
 */
#define TLI	"('x' || substr(pg_walfile_name(" \
	"pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"

/* A long text is cut: only its beginning is looked at. */
static void
text_of(char *buf, size_t size, const PGresult *res, int col)
{
	const char	*s = PQgetvalue(res, 0, col);

	(void)str_clean(buf, size, s, strlen(s));
}

/* Where it writes; asked for first, and alone. */
static int
ask_position(struct pgsession *s, struct pgwatch *w, struct err *e)
{
	PGresult	*res = NULL;
	int		 rc = -1;

	if (pgsession_ask(s, "ask where WAL is written", "SELECT "
	    "CASE WHEN pg_is_in_recovery() THEN 0 ELSE " TLI " END, "
	    "CASE WHEN pg_is_in_recovery() THEN 0 ELSE "
	    "pg_current_wal_flush_lsn() - '0/0'::pg_lsn END", NULL, &res, e) ||
	    sql_u32(res, 0, &w->timeline, e) || sql_u64(res, 1, &w->lsn, e))
		goto out;
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

/* A failure that is as old as the last success came before it. */
static int
ask_archiver(struct pgsession *s, struct pgwatch *w, struct err *e)
{
	PGresult	*res = NULL;
	int		 rc = -1;

	if (pgsession_ask(s, "ask how archiving is set up", "SELECT "
	    SQL_US("pg_postmaster_start_time()") ", "
	    "coalesce(current_setting('archive_command', true), ''), "
	    "coalesce(current_setting('archive_library', true), ''), "
	    "current_setting('wal_level'), "
	    "coalesce(a.last_archived_wal, ''), "
	    SQL_US("a.last_archived_time") ", "
	    "CASE WHEN f.since THEN coalesce(a.last_failed_wal, '') ELSE '' "
	    "END, CASE WHEN f.since THEN " SQL_US("a.last_failed_time") " END "
	    "FROM pg_stat_archiver a, LATERAL (SELECT a.last_failed_time > "
	    "coalesce(a.last_archived_time, '-infinity') AS since) f",
	    TO_READ, &res, e) ||
	    sql_time(res, 0, &w->started_us, e) ||
	    sql_time(res, 5, &w->archived_us, e) ||
	    sql_time(res, 7, &w->failed_us, e))
		goto out;
	text_of(w->command, sizeof(w->command), res, 1);
	text_of(w->library, sizeof(w->library), res, 2);
	text_of(w->wal_level, sizeof(w->wal_level), res, 3);
	text_of(w->archived, sizeof(w->archived), res, 4);
	text_of(w->failed, sizeof(w->failed), res, 6);
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

/* A role that may not list the files learns all else. */
static int
may_list(struct pgsession *s, int *may, struct err *e)
{
	PGresult	*res = NULL;
	int		 rc = -1;

	if (pgsession_ask(s, "ask what the role may list", "SELECT "
	    "has_function_privilege('pg_ls_archive_statusdir()', 'EXECUTE')",
	    NULL, &res, e))
		goto out;
	*may = sql_is_true(res, 0);
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

static int
ask_ready(struct pgsession *s, struct pgwatch *w, struct err *e)
{
	PGresult	*res = NULL;
	char		 text[512];
	int		 rc = -1;

	if (may_list(s, &w->listed, e))
		return (-1);
	if (!w->listed)
		return (0);
	if (str_fmt(text, sizeof(text), e, "SELECT count(*), "
	    "count(*) FILTER (WHERE segment), " SQL_US("min(modification)") ", "
	    "coalesce(min(left(name, 24)) FILTER (WHERE segment AND "
	    "name LIKE '%08X%%'), '') FROM (SELECT *, "
	    "name ~ '^[0-9A-F]{24}\\.ready$' AS segment "
	    "FROM pg_ls_archive_statusdir()) f WHERE name LIKE '%%.ready'",
	    w->timeline) ||
	    pgsession_ask(s, "list what waits to be archived", text,
	    "membership in pg_monitor", &res, e) ||
	    sql_u64(res, 0, &w->nready, e) ||
	    sql_u64(res, 1, &w->nsegments, e) ||
	    sql_time(res, 2, &w->oldest_us, e))
		goto out;
	text_of(w->first, sizeof(w->first), res, 3);
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

int
pgwatch_get(struct pgsession *s, struct pgwatch *out, struct err *e)
{
	struct pgwatch	 w;

	memset(&w, 0, sizeof(w));
	w.oldest_us = INT64_MIN;
	if (ask_position(s, &w, e) || ask_archiver(s, &w, e) ||
	    ask_ready(s, &w, e))
		return (-1);
	*out = w;
	return (0);
}

/*
 * Without WAL since the last switch a switch does nothing.  The position that
 * it returns is the byte behind what it ended, so one less lies in there.
 */
int
pgwatch_switch(struct pgsession *s, char name[WALNAME_TEXT], struct err *e)
{
	PGresult	*res = NULL;
	uint64_t	 end;
	uint32_t	 tli, segsize;
	struct walname	 w;
	int		 rc = -1;

	if (pgsession_ask(s, "write a message into WAL", "SELECT "
	    "pg_logical_emit_message(false, 'seawall', 'check')",
	    "EXECUTE on function pg_logical_emit_message(boolean, text, text)",
	    &res, e))
		goto out;
	PQclear(res);
	res = NULL;
	if (pgsession_ask(s, "switch to a new WAL segment", "SELECT "
	    "pg_switch_wal() - '0/0'::pg_lsn, " TLI ", "
	    "bytes_per_wal_segment FROM pg_control_init()",
	    "EXECUTE on function pg_switch_wal()", &res, e) ||
	    sql_u64(res, 0, &end, e) || sql_u32(res, 1, &tli, e) ||
	    sql_u32(res, 2, &segsize, e))
		goto out;
	if (!walname_segsize_ok(segsize)) {
		err_set(e, ERR_PG, "PostgreSQL reports WAL segments of %u "
		    "bytes", segsize);
		goto out;
	}
	w = walname_before(tli, end, segsize);
	(void)walname_format(name, &w);
	rc = 0;
out:
	PQclear(res);
	return (rc);
}
