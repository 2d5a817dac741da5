/* SPDX-License-Identifier: ISC */
/*
 * The session of a base backup: it starts the backup, watches over it, and
 * stops it.  Functions and their arguments are those of "Backup Control
 * Functions" in PostgreSQL's manual; what they check is in
 * do_pg_backup_start() and do_pg_backup_stop(),
 * src/backend/access/transam/xlog.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cluster/pglabel.h"
#include "cluster/pgsession.h"
#include "cluster/sql.h"
#include "pg/lsn.h"

#define OLDEST		130000
#define NEW_NAMES	150000		/* pg_backup_start(), one mode only */
#define TIMEOUT_MS	60000
#define CHECK_MS	10000
#define STOP_MS		600000		/* the disk may be busy with WAL */

struct pgsession {
	struct sql	*sql;
	uint64_t	 timeout_ms;
	uint64_t	 check_ms;
	void		(*tick)(void *arg);
	void		*arg;
	int64_t		 checked;	/* clock_mono_ms() of the last answer */
	uint32_t	 version;
	uint32_t	 segment_size;
	int		 in_recovery;
	int		 promoted;	/* since pgsession_open() */
	int		 started;	/* and not stopped yet */
	struct pgsession_start start;
};

int
pgsession_ask(struct pgsession *s, const char *what, const char *text,
    const char *need, struct pg_result **res, struct err *e)
{
	const struct sql_ask	 a = {
		.what = what,
		.text = text,
		.need = need,
		.timeout_ms = s->timeout_ms
	};

	if (sql_query(s->sql, &a, res, e))
		return (-1);
	s->checked = clock_mono_ms();
	return (0);
}

/*
 * ALTER ROLE or ALTER DATABASE may have set a timeout that ends the session
 * in the middle of a backup, or a search_path in which our functions' names
 * find others.  So both are set here, with qualified names until then.
 *
 * A pooler may run each statement in another server process.  Then the one
 * that answers is not the one that libpq was given when it connected.
 */
static int
settle(struct pgsession *s, struct err *e)
{
	PGresult	*res = NULL;
	char		 text[1024];
	uint64_t	 pid;
	int		 rc = -1;

#define SET(name, value) \
	"pg_catalog.set_config('" name "','" value "',false)"
	if (str_fmt(text, sizeof(text), e,
	    "SELECT pg_catalog.pg_backend_pid(), "
	    SET("search_path", "pg_catalog") ", "
	    SET("statement_timeout", "0") ", "
	    SET("lock_timeout", "0") ", "
	    SET("idle_in_transaction_session_timeout", "0") ", "
	    SET("max_parallel_workers_per_gather", "0") "%s%s",
	    s->version >= 140000 ? ", " SET("idle_session_timeout", "0") : "",
	    s->version >= 170000 ? ", " SET("transaction_timeout", "0") : "")
	    || pgsession_ask(s, "prepare the session", text, NULL, &res, e) ||
	    sql_u64(res, 0, &pid, e))
		goto out;
#undef SET
	if (pid != (uint64_t)sql_backend_pid(s->sql)) {
		err_set(e, ERR_PG, "the connection goes through a pooler, "
		    "which may give the session to another client; connect "
		    "to PostgreSQL directly");
		goto out;
	}
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

/* What later answers are compared with, or computed from. */
static int
look_around(struct pgsession *s, struct err *e)
{
	PGresult	*res = NULL;
	int		 rc = -1;

	if (pgsession_ask(s, "ask for the WAL segment size", "SELECT "
	    "pg_is_in_recovery(), bytes_per_wal_segment "
	    "FROM pg_control_init()", "EXECUTE on pg_control_init()", &res,
	    e) || sql_u32(res, 1, &s->segment_size, e))
		goto out;
	if (!walname_segsize_ok(s->segment_size)) {
		err_set(e, ERR_PG, "PostgreSQL reports WAL segments of %"
		    PRIu32 " bytes, expected a power of two from 1 MiB to "
		    "1 GiB", s->segment_size);
		goto out;
	}
	s->in_recovery = sql_is_true(res, 0);
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

int
pgsession_open(struct pgsession **out, const struct pgsession_conf *conf,
    struct err *e)
{
	struct pgsession	*s;
	const struct sql_conf	 sql = {
		.conninfo = conf->conninfo != NULL ? conf->conninfo : "",
		.name = conf->name != NULL ? conf->name : "base-push",
		.timeout_ms = conf->timeout_ms != 0 ? conf->timeout_ms :
		    TIMEOUT_MS
	};

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "connect to PostgreSQL"));
	s->timeout_ms = sql.timeout_ms;
	s->check_ms = conf->check_ms != 0 ? conf->check_ms : CHECK_MS;
	s->tick = conf->tick;
	s->arg = conf->arg;
	if (sql_open(&s->sql, &sql, e))
		goto bad;
	s->version = (uint32_t)sql_version(s->sql);
	if (s->version < OLDEST) {
		err_set(e, ERR_PG, "the server is PostgreSQL %" PRIu32 ".%"
		    PRIu32 ", expected 13 or later", s->version / 10000,
		    s->version % 10000);
		goto bad;
	}
	if (settle(s, e) || look_around(s, e))
		goto bad;
	*out = s;
	return (0);
bad:
	pgsession_free(s);
	return (-1);
}

void
pgsession_free(struct pgsession *s)
{
	if (s == NULL)
		return;
	sql_free(s->sql);
	free(s);
}

uint32_t
pgsession_version(const struct pgsession *s)
{
	return (s->version);
}

/*
 * Whether the role may call a function, "function" with the types of its
 * arguments.  The message is the one that the call would end with.
 */
static int
may_call(struct pgsession *s, const char *what, const char *function,
    struct err *e)
{
	PGresult	*res = NULL;
	char		 text[256];
	int		 rc = -1;

	if (str_fmt(text, sizeof(text), e, "SELECT has_function_privilege("
	    "'%s', 'EXECUTE'), current_user", function) ||
	    pgsession_ask(s, what, text, NULL, &res, e))
		goto out;
	if (!sql_is_true(res, 0)) {
		err_set(e, ERR_PG, "%s: permission denied for function %.*s; "
		    "role %s needs EXECUTE on function %s", what,
		    (int)strcspn(function, "("), function,
		    PQgetvalue(res, 0, 1), function);
		goto out;
	}
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

int
pgsession_may_start(struct pgsession *s, const char *label, struct err *e)
{
	const int	 new = s->version >= NEW_NAMES;

	return (pglabel_check_text(label, e) ||
	    may_call(s, "start the backup", new ?
	    "pg_backup_start(text, boolean)" :
	    "pg_start_backup(text, boolean, boolean)", e) ||
	    may_call(s, "stop the backup", new ?
	    "pg_backup_stop(boolean)" :
	    "pg_stop_backup(boolean, boolean)", e) ? -1 : 0);
}

/* Ask for one number. */
static int
ask_u64(struct pgsession *s, const char *what, const char *text, uint64_t *v,
    struct err *e)
{
	PGresult	*res = NULL;
	int		 rc;

	rc = pgsession_ask(s, what, text, NULL, &res, e) ||
	    sql_u64(res, 0, v, e) ? -1 : 0;
	PQclear(res);
	return (rc);
}

/*
 * The start has no deadline: it waits for a checkpoint, which may be spread
 * over minutes.  LSNs are asked for as numbers, which need no parser.
 */
static int
call_start(struct pgsession *s, const char *label, int fast, uint64_t *lsn,
    struct err *e)
{
	const char *const	 params[] = { label, fast ? "t" : "f" };
	const struct sql_ask	 a = {
		.what = "start the backup",
		.text = s->version >= NEW_NAMES ?
		    "SELECT (pg_backup_start($1::text, $2::boolean) "
		    "- '0/0'::pg_lsn)::text" :
		    "SELECT (pg_start_backup($1::text, $2::boolean, false) "
		    "- '0/0'::pg_lsn)::text",
		.need = s->version >= NEW_NAMES ?
		    "EXECUTE on function pg_backup_start(text, boolean)" :
		    "EXECUTE on function "
		    "pg_start_backup(text, boolean, boolean)",
		.params = params,
		.nparams = 2,
		.tick = s->tick,
		.arg = s->arg
	};
	PGresult		*res = NULL;
	int			 rc;

	rc = sql_query(s->sql, &a, &res, e) || sql_u64(res, 0, lsn, e) ?
	    -1 : 0;
	PQclear(res);
	return (rc);
}

int
pgsession_start(struct pgsession *s, const char *label, int fast,
    struct pgsession_start *out, struct err *e)
{
	struct walname	 first;
	uint64_t	 now, timeline;

	/*
	 * The timeline is that of the checkpoint which the start made, or on
	 * a standby the restartpoint.  pgsession_stop() compares it with
	 * backup_label.
	 */
	if (pglabel_check_text(label, e) ||
	    ask_u64(s, "ask for the time", "SELECT " SQL_NOW_US, &now, e) ||
	    call_start(s, label, fast, &s->start.lsn, e) ||
	    ask_u64(s, "ask for the timeline",
	    "SELECT timeline_id FROM pg_control_checkpoint()", &timeline, e))
		return (-1);
	s->start.time_us = (int64_t)now;
	s->start.timeline = (uint32_t)timeline;
	first = walname_at(s->start.timeline, s->start.lsn, s->segment_size);
	(void)walname_format(s->start.walfile, &first);
	s->started = 1;
	s->checked = clock_mono_ms();
	*out = s->start;
	return (0);
}

/*
 * PostgreSQL refuses to stop a backup whose standby was promoted meanwhile,
 * but says so only at the stop.  Hours of copying may be saved by asking.
 */
static int
check_role(struct pgsession *s, struct err *e)
{
	PGresult	*res = NULL;

	if (pgsession_ask(s, "backup session", "SELECT pg_is_in_recovery()",
	    NULL, &res, e))
		return (-1);
	s->promoted = sql_is_true(res, 0) != s->in_recovery;
	PQclear(res);
	if (s->promoted)
		return (err_set(e, ERR_PG, "the standby was promoted during "
		    "the backup, so the backup was not completed; start it "
		    "again"));
	return (0);
}

int
pgsession_alive(struct pgsession *s, struct err *e)
{
	if (sql_look(s->sql, e))
		return (-1);
	if (!s->promoted &&
	    clock_mono_ms() - s->checked < (int64_t)s->check_ms)
		return (0);
	return (check_role(s, e));
}

static int
copy_text(const PGresult *res, int col, char **out, size_t *n, struct err *e)
{
	size_t	 len = (size_t)PQgetlength(res, 0, col);

	/* A missing map is NULL in SQL, for which libpq returns "". */
	if ((*out = malloc(len + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "stop the backup"));
	memcpy(*out, PQgetvalue(res, 0, col), len);
	(*out)[len] = '\0';
	*n = len;
	return (0);
}

static int
call_stop(struct pgsession *s, struct pgsession_stop *stop, struct err *e)
{
	const struct sql_ask	 a = {
		.what = "stop the backup",
		.text = s->version >= NEW_NAMES ?
		    "SELECT (lsn - '0/0'::pg_lsn)::text, labelfile, spcmapfile "
		    "FROM pg_backup_stop(false)" :
		    "SELECT (lsn - '0/0'::pg_lsn)::text, labelfile, spcmapfile "
		    "FROM pg_stop_backup(false, false)",
		.need = s->version >= NEW_NAMES ?
		    "EXECUTE on function pg_backup_stop(boolean)" :
		    "EXECUTE on function pg_stop_backup(boolean, boolean)",
		.timeout_ms = s->timeout_ms > STOP_MS ? s->timeout_ms :
		    STOP_MS
	};
	PGresult		*res = NULL;
	int			 rc;

	rc = sql_query(s->sql, &a, &res, e) ||
	    sql_u64(res, 0, &stop->lsn, e) ||
	    copy_text(res, 1, &stop->label, &stop->label_len, e) ||
	    copy_text(res, 2, &stop->map, &stop->map_len, e) ? -1 : 0;
	PQclear(res);
	return (rc);
}

/*
 * On a standby, the timeline that replay has reached: do_pg_backup_stop()
 * takes the stop from the same fields of pg_control.  A primary stays on the
 * timeline of the start.
 */
static int
timeline_now(struct pgsession *s, uint64_t *timeline, struct err *e)
{
	*timeline = s->start.timeline;
	if (!s->in_recovery)
		return (0);
	return (ask_u64(s, "ask for the timeline", "SELECT "
	    "min_recovery_end_timeline FROM pg_control_recovery()", timeline,
	    e));
}

/*
 * The lowest number of all transactions that have not ended, with its epoch.
 * On a standby the end of the backup may lie before what was replayed, so
 * there it says nothing of the stop.
 */
static int
oldest_xid(struct pgsession *s, uint64_t *xid, struct err *e)
{
	*xid = 0;
	if (s->in_recovery)
		return (0);
	return (ask_u64(s, "ask for running transactions",
	    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text", xid, e));
}

/* The number behind the highest one that has ended. */
static int
next_xid(struct pgsession *s, uint64_t *xid, struct err *e)
{
	return (ask_u64(s, "ask for the next transaction",
	    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text", xid, e));
}

/*
 * A standby may follow its primary to a new timeline at any moment, and the
 * answer to the stop does not name the timeline of its LSN.  If replay was on
 * the same one before and after, the LSN is on it as well.
 */
static int
stop_all(struct pgsession *s, struct pgsession_stop *stop, struct err *e)
{
	struct walname	 last;
	uint64_t	 before, after, now;

	if (check_role(s, e) ||
	    timeline_now(s, &before, e) ||
	    oldest_xid(s, &stop->oldest_xid, e) ||
	    call_stop(s, stop, e))
		return (-1);
	s->started = 0;
	if (timeline_now(s, &after, e) ||
	    next_xid(s, &stop->next_xid, e) ||
	    ask_u64(s, "ask for the time", "SELECT " SQL_NOW_US, &now, e) ||
	    pglabel_check(stop->label, stop->lsn, s->start.walfile,
	    s->start.lsn, e))
		return (-1);
	if (before != after)
		return (err_set(e, ERR_PG, "the standby switched from "
		    "timeline %" PRIu64 " to %" PRIu64 " while the backup "
		    "ended; start the backup again", before, after));
	stop->time_us = (int64_t)now;
	stop->timeline = (uint32_t)after;
	last = walname_before(stop->timeline, stop->lsn, s->segment_size);
	(void)walname_format(stop->walfile, &last);
	return (0);
}

int
pgsession_stop(struct pgsession *s, struct pgsession_stop *out, struct err *e)
{
	struct pgsession_stop	 stop;

	memset(&stop, 0, sizeof(stop));
	if (!s->started)
		return (err_set(e, ERR_PG, "stop the backup: no backup was "
		    "started"));
	if (stop_all(s, &stop, e)) {
		pgsession_stop_free(&stop);
		return (-1);
	}
	*out = stop;
	return (0);
}

void
pgsession_stop_free(struct pgsession_stop *stop)
{
	free(stop->label);
	free(stop->map);
	memset(stop, 0, sizeof(*stop));
}

int
pgsession_switch_wal(struct pgsession *s, struct err *e)
{
	PGresult	*res = NULL;

	if (pgsession_ask(s, "switch to a new WAL file",
	    "SELECT pg_switch_wal()", "EXECUTE on function pg_switch_wal()",
	    &res, e))
		return (-1);
	PQclear(res);
	return (0);
}
