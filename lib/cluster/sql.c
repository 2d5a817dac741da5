/* SPDX-License-Identifier: ISC */
/*
 * A connection to PostgreSQL that does not wait for ever.  libpq works
 * without blocking, and poll() keeps the deadlines ("Asynchronous Command
 * Processing" in PostgreSQL's manual).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/str.h"
#include "cluster/sql.h"

#define NO_PRIVILEGE	"42501"		/* insufficient_privilege */
#define POLL_MS		60000		/* longest single poll() */
#define TICK_MS		1000

struct sql {
	PGconn	*conn;
	int	 replication;		/* the server process is a walsender */
	int64_t	 heard;			/* when data last came, of sql_copy() */
	int	 dead;
	char	 why[512];		/* why it is dead, or the server's last
					   words before that is known */
};

/* The first line of what libpq or the server said, without control bytes. */
static const char *
first_line(char *buf, size_t size, const char *s)
{
	if (s == NULL)
		s = "";
	return (str_clean(buf, size, s, strcspn(s, "\r\n")));
}

/*
 * A server that ends a session says why, and does so between our questions.
 * libpq passes that, like all that nobody asked for, to the notice receiver.
 * Other notices are dropped, because the library does not print.
 */
static void
on_notice(void *arg, const PGresult *res)
{
	const char	*severity;
	struct sql	*s = arg;

	severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	if (severity == NULL || s->why[0] != '\0' ||
	    (strcmp(severity, "FATAL") != 0 &&
	    strcmp(severity, "PANIC") != 0))
		return;
	(void)first_line(s->why, sizeof(s->why),
	    PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

/* Fail with ERR_PG; every later call fails with the same reason. */
static int
broken(struct sql *s, const char *what, struct err *e)
{
	if (s->why[0] == '\0')
		(void)first_line(s->why, sizeof(s->why),
		    PQerrorMessage(s->conn));
	s->dead = 1;
	return (err_set(e, ERR_PG, "%s: PostgreSQL closed the connection: %s",
	    what, s->why[0] != '\0' ? s->why : "no reason given"));
}

/*
 * Only what libpq says before its first quotation mark: what it quotes is a
 * part of the string, which may hold a password.
 */
static int
bad_conninfo(const char *msg, struct err *e)
{
	char	 line[128];

	(void)first_line(line, sizeof(line), msg);
	line[strcspn(line, "\"")] = '\0';
	return (err_set(e, ERR_CONFIG, "conninfo cannot be read: %s"
	    "...; expected \"key=value ...\" or postgresql://", line));
}

/* Whether the connection string or the environment names a database. */
static int
names_database(const char *conninfo, int *named, struct err *e)
{
	PQconninfoOption	*all, *o;
	char			*msg = NULL;

	*named = getenv("PGDATABASE") != NULL;
	if ((all = PQconninfoParse(conninfo, &msg)) == NULL) {
		bad_conninfo(msg, e);
		PQfreemem(msg);
		return (-1);
	}
	for (o = all; o->keyword != NULL; o++)
		if (o->val != NULL && (strcmp(o->keyword, "dbname") == 0 ||
		    strcmp(o->keyword, "service") == 0))
			*named = 1;
	PQconninfoFree(all);
	return (0);
}

/*
 * Passwords of replication connections are in libpq's password file under the
 * database "replication", where pg_basebackup looks as well.
 */
static PGconn *
connect_to(const struct sql_conf *c, int named, int replication)
{
	char	 seconds[24];
	/*
	 * conninfo can override what precedes it, but not what follows it.
	 * While a checkpoint is awaited nothing is sent, so only keepalives
	 * detect a firewall that dropped the connection, or a host that is
	 * gone.
	 */
	const char *const keys[] = { "application_name", "connect_timeout",
	    "keepalives_idle", "keepalives_interval", "keepalives_count",
	    "tcp_user_timeout", "dbname", "client_encoding",
	    replication ? "replication" : named ? NULL : "dbname",
	    replication ? "dbname" : NULL, NULL };
	const char *const values[] = { c->name, seconds, "30", "10", "6",
	    "60000", c->conninfo, "SQL_ASCII",
	    replication ? "true" : "postgres", "replication", NULL };

	(void)snprintf(seconds, sizeof(seconds), "%llu",
	    (unsigned long long)(c->timeout_ms + 999) / 1000);
	return (PQconnectdbParams(keys, values, 1));
}

static int
open_as(struct sql **out, const struct sql_conf *c, int replication,
    struct err *e)
{
	struct sql	*s;
	char		 line[512];
	int		 named;

	if (names_database(c->conninfo, &named, e))
		return (-1);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "connect to PostgreSQL"));
	s->replication = replication;
	s->conn = connect_to(c, named, replication);
	if (s->conn == NULL || PQstatus(s->conn) != CONNECTION_OK) {
		(void)first_line(line, sizeof(line),
		    s->conn != NULL ? PQerrorMessage(s->conn) : "no memory");
		err_set(e, ERR_PG, "connect to PostgreSQL%s: %s%s",
		    replication ? " for replication" : "", line,
		    replication && strstr(line, "FATAL") != NULL ?
		    "; the role needs REPLICATION, and pg_hba.conf a line "
		    "for the database \"replication\"" : "");
		sql_free(s);
		return (-1);
	}
	(void)PQsetNoticeReceiver(s->conn, on_notice, s);
	if (PQsetnonblocking(s->conn, 1) == -1) {
		broken(s, "connect to PostgreSQL", e);
		sql_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

int
sql_open(struct sql **out, const struct sql_conf *c, struct err *e)
{
	return (open_as(out, c, 0, e));
}

int
sql_open_replication(struct sql **out, const struct sql_conf *c,
    struct err *e)
{
	return (open_as(out, c, 1, e));
}

void
sql_free(struct sql *s)
{
	if (s == NULL)
		return;
	if (s->conn != NULL)
		PQfinish(s->conn);
	free(s);
}

int
sql_refuses(const char *conninfo)
{
	/* As above: what precedes conninfo can be overridden. */
	const char *const keys[] = { "application_name", "dbname",
	    "connect_timeout", NULL };
	const char *const values[] = { "seawall", conninfo, "2", NULL };

	return (PQpingParams(keys, values, 1) == PQPING_REJECT);
}

PGconn *
sql_conn(struct sql *s)
{
	return (s->conn);
}

int
sql_version(const struct sql *s)
{
	return (PQserverVersion(s->conn));
}

int
sql_backend_pid(const struct sql *s)
{
	return (PQbackendPID(s->conn));
}

/*
 * Wait until the socket is ready.  Returns 0, 1 once the deadline has passed
 * (-1: none), or -1.
 */
static int
await(struct sql *s, const struct sql_ask *a, short events, int64_t deadline,
    struct err *e)
{
	const int64_t	 most = a->tick != NULL ? TICK_MS : POLL_MS;
	struct pollfd	 p = { .fd = PQsocket(s->conn), .events = events };
	int64_t		 left = POLL_MS;
	int		 n;

	do {
		if (deadline != -1 &&
		    (left = deadline - clock_mono_ms()) <= 0)
			return (1);
		n = poll(&p, 1, (int)(left < most ? left : most));
		if (n == 0 && a->tick != NULL)
			a->tick(a->arg);
	} while (n == 0 || (n == -1 && errno == EINTR));
	if (n == -1)
		return (err_sys(e, ERR_LOCAL, "wait for PostgreSQL"));
	return (0);
}

/*
 * Send the rest of the question, then read until the answer is complete.  It
 * reads while it sends, or both sides could wait for each other with full
 * buffers.
 *
 * After the deadline the connection is dead: an answer that came late would
 * be taken for that to the next question.
 */
static int
exchange(struct sql *s, const struct sql_ask *a, struct err *e)
{
	int64_t	 deadline = -1;
	int	 more, rc;

	if (a->timeout_ms != 0)
		deadline = clock_mono_ms() + (int64_t)a->timeout_ms;
	while ((more = PQflush(s->conn)) == 1 || PQisBusy(s->conn)) {
		rc = await(s, a, more == 1 ? POLLIN | POLLOUT : POLLIN,
		    deadline, e);
		if (rc == -1)
			return (-1);
		if (rc == 1) {
			s->dead = 1;
			(void)snprintf(s->why, sizeof(s->why),
			    "no answer within %llu s",
			    (unsigned long long)a->timeout_ms / 1000);
			return (err_set(e, ERR_PG, "%s: no answer from "
			    "PostgreSQL within %llu s", a->what,
			    (unsigned long long)a->timeout_ms / 1000));
		}
		if (PQconsumeInput(s->conn) == 0)
			return (broken(s, a->what, e));
	}
	return (more == -1 ? broken(s, a->what, e) : 0);
}

/* Describe why a statement returned no rows. */
static int
refused(struct sql *s, const struct sql_ask *a, const PGresult *res,
    struct err *e)
{
	const char	*state, *said;
	char		 line[512], user[128];

	said = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (PQstatus(s->conn) == CONNECTION_BAD) {
		if (s->why[0] == '\0' && said != NULL)
			(void)first_line(s->why, sizeof(s->why), said);
		return (broken(s, a->what, e));
	}
	if (said == NULL)
		said = PQresultErrorMessage(res);
	(void)first_line(line, sizeof(line),
	    said[0] != '\0' ? said : "PostgreSQL returned no rows");
	if (state == NULL || strcmp(state, NO_PRIVILEGE) != 0)
		return (err_set(e, ERR_PG, "%s: %s", a->what, line));
	return (err_set(e, ERR_PG, "%s: %s; role %s needs %s", a->what, line,
	    first_line(user, sizeof(user), PQuser(s->conn)),
	    a->need != NULL ? a->need : "to be superuser"));
}

int
sql_query(struct sql *s, const struct sql_ask *a, PGresult **out,
    struct err *e)
{
	PGresult	*res = NULL, *more;
	int		 rc = -1;

	if (s->dead)
		return (broken(s, a->what, e));
	/* A walsender knows only the simple protocol. */
	if ((s->replication ? PQsendQuery(s->conn, a->text) :
	    PQsendQueryParams(s->conn, a->text, a->nparams, NULL, a->params,
	    NULL, NULL, 0)) == 0)
		return (broken(s, a->what, e));
	if (exchange(s, a, e))
		return (-1);
	if ((res = PQgetResult(s->conn)) == NULL)
		return (broken(s, a->what, e));
	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		refused(s, a, res, e);
		goto out;
	}
	rc = 0;
out:
	/*
	 * libpq accepts the next question only after PQgetResult() returned
	 * NULL.  An error may still come behind the rows.
	 */
	while (!s->dead && exchange(s, a, e) == 0 &&
	    (more = PQgetResult(s->conn)) != NULL) {
		if (PQresultStatus(more) == PGRES_FATAL_ERROR && rc == 0)
			rc = refused(s, a, more, e);
		PQclear(more);
	}
	if (rc == 0 && e->kind != ERR_NONE)
		rc = -1;
	if (rc == 0)
		*out = res;
	else
		PQclear(res);
	return (rc);
}

int
sql_send(struct sql *s, const char *what, const char *text, struct err *e)
{
	return (s->dead || PQsendQuery(s->conn, text) == 0 ?
	    broken(s, what, e) : 0);
}

int
sql_result(struct sql *s, const struct sql_ask *a, PGresult **out,
    struct err *e)
{
	PGresult	*res;

	if (s->dead)
		return (broken(s, a->what, e));
	if (exchange(s, a, e))
		return (-1);
	res = PQgetResult(s->conn);
	switch (res == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(res)) {
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
		refused(s, a, res, e);
		PQclear(res);
		return (-1);
	default:
		break;
	}
	s->heard = clock_mono_ms();
	*out = res;
	return (0);
}

/* Wait for a second at most; returns as await() does. */
static int
await_copy(struct sql *s, const struct sql_ask *a, struct err *e)
{
	const int64_t	 now = clock_mono_ms();

	if (a->timeout_ms == 0 || now - s->heard < (int64_t)a->timeout_ms)
		return (await(s, a, POLLIN, now + TICK_MS, e));
	s->dead = 1;
	(void)snprintf(s->why, sizeof(s->why), "nothing came for %llu s",
	    (unsigned long long)a->timeout_ms / 1000);
	return (broken(s, a->what, e));
}

int
sql_copy(struct sql *s, const struct sql_ask *a, enum sql_copied *what,
    char **buf, size_t *n, struct err *e)
{
	int	 len, rc;

	*buf = NULL;
	*n = 0;
	if (s->dead)
		return (broken(s, a->what, e));
	while ((len = PQgetCopyData(s->conn, buf, 1)) == 0) {
		if ((rc = await_copy(s, a, e)) == -1)
			return (-1);
		if (rc == 1) {
			*what = SQL_COPY_IDLE;
			return (0);
		}
		if (PQconsumeInput(s->conn) == 0)
			return (broken(s, a->what, e));
	}
	if (len == -2)
		return (broken(s, a->what, e));
	*what = len == -1 ? SQL_COPY_END : SQL_COPY_DATA;
	*n = len == -1 ? 0 : (size_t)len;
	s->heard = clock_mono_ms();
	return (0);
}

int
sql_look(struct sql *s, struct err *e)
{
	struct pollfd	 p = { .fd = PQsocket(s->conn), .events = POLLIN };
	int		 n;

	if (s->dead)
		return (broken(s, "backup session", e));
	if ((n = poll(&p, 1, 0)) == -1 && errno != EINTR)
		return (err_sys(e, ERR_LOCAL, "look at the connection"));
	if (n <= 0)
		return (0);
	/* PQisBusy() is called for its effect: it parses what has arrived. */
	if (PQconsumeInput(s->conn) == 0 || PQisBusy(s->conn) ||
	    s->why[0] != '\0' || PQstatus(s->conn) != CONNECTION_OK)
		return (broken(s, "backup session", e));
	return (0);
}

static int
number(const PGresult *res, int col, uint64_t max, uint64_t *v,
    struct err *e)
{
	struct err	 why = ERR_INIT;

	if (PQntuples(res) != 1 || PQgetisnull(res, 0, col) ||
	    parse_u64(PQgetvalue(res, 0, col), 0, max, v, "number", &why))
		return (err_set(e, ERR_PG, "PostgreSQL returned no valid "
		    "number for %s", PQfname(res, col)));
	return (0);
}

int
sql_u64(const PGresult *res, int col, uint64_t *v, struct err *e)
{
	return (number(res, col, UINT64_MAX, v, e));
}

int
sql_u32(const PGresult *res, int col, uint32_t *v, struct err *e)
{
	uint64_t	 wide;

	if (number(res, col, UINT32_MAX, &wide, e))
		return (-1);
	*v = (uint32_t)wide;
	return (0);
}

int
sql_time(const PGresult *res, int col, int64_t *us, struct err *e)
{
	uint64_t	 v;

	*us = INT64_MIN;
	if (PQntuples(res) == 1 && PQgetisnull(res, 0, col))
		return (0);
	if (number(res, col, INT64_MAX, &v, e))
		return (-1);
	*us = (int64_t)v;
	return (0);
}

int
sql_is_true(const PGresult *res, int col)
{
	return (strcmp(PQgetvalue(res, 0, col), "t") == 0);
}
