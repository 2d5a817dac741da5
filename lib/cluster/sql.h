/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SQL_H
#define CLUSTER_SQL_H

#include <stdint.h>

#include <libpq-fe.h>

#include "base/err.h"

/*
 * A connection to PostgreSQL on which every wait has a deadline.
 * It is an ordinary one or one for replication.
 *
 * Failures are those of pgsession.h.  The client encoding is SQL_ASCII, so
 * PostgreSQL converts nothing: text arrives in the bytes that the database
 * holds.  Once the connection broke, or an answer did not arrive in time,
 * every call fails with that reason.
 */
struct sql;

struct sql_conf {
	const char	*conninfo;	/* of libpq, see "Connection Strings"
					 * in PostgreSQL's manual; may be "" */
	const char	*name;		/* the application_name, unless
					 * "conninfo" has one */
	uint64_t	 timeout_ms;	/* to connect */
};

/* Connect.  The database defaults to "postgres".  The caller frees *out. */
int	 sql_open(struct sql **out, const struct sql_conf *, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for replication ("Streaming Replication Protocol" in PostgreSQL's
 * manual): the server process is a walsender, which knows only the commands of
 * that protocol.  The role needs REPLICATION, and pg_hba.conf a line for the
 * database "replication"; the message of a refusal says so.  sql_query() takes
 * no parameters on such a connection.
 */
int	 sql_open_replication(struct sql **out, const struct sql_conf *,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 sql_free(struct sql *s);			/* NULL is fine */

/*
 * Whether the server refuses connections since it ends (or begins): 1 or 0.
 * No rights are needed.  Waits for the answer for 2 seconds.
 */
int	 sql_refuses(const char *conninfo) __attribute__((nonnull));

/* libpq's own connection, for cluster/replstream.c alone; stays ours. */
PGconn	*sql_conn(struct sql *s);

int	 sql_version(const struct sql *s);	/* such as 150020 */

/* The server process, as PostgreSQL named it when libpq connected. */
int	 sql_backend_pid(const struct sql *s);

/* One statement that returns rows. */
struct sql_ask {
	const char	*what;		/* names it in messages, such as
					   "start the backup" */
	const char	*text;
	const char	*need;		/* the privilege that it requires, for
					   messages; NULL: superuser */
	const char	*const *params;	/* $1, $2, ... as text */
	int		 nparams;
	uint64_t	 timeout_ms;	/* 0: none */
	/* Called about once a second until the answer is there; or NULL. */
	void		(*tick)(void *arg);
	void		*arg;
};

/*
 * Run a statement.  The caller releases *out with PQclear(); nothing is
 * written there on failure.
 */
int	 sql_query(struct sql *s, const struct sql_ask *a, PGresult **out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Commands with several results, and with data behind them (COPY OUT).  Send
 * the command; then ask for one result after the other, until *out is NULL.
 * After a result with the status PGRES_COPY_OUT take all of its data with
 * sql_copy() before you ask for the next one.  "a" says what is waited for, as
 * in sql_query(); its text and parameters are not used.
 *
 * Whatever is no success fails: then the connection is of no further use.
 */
int	 sql_send(struct sql *s, const char *what, const char *text,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 sql_result(struct sql *s, const struct sql_ask *a, PGresult **out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

enum sql_copied {
	SQL_COPY_DATA,		/* one message; free it with PQfreemem() */
	SQL_COPY_IDLE,		/* none came for a second; ask again */
	SQL_COPY_END		/* none will come any more */
};

/*
 * The next message of such data, *n bytes at *buf, which are NULL and 0 unless
 * it is SQL_COPY_DATA.  It fails if none came for a->timeout_ms, unless that
 * is 0.
 */
int	 sql_copy(struct sql *s, const struct sql_ask *a,
	    enum sql_copied *what, char **buf, size_t *n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check, without sending anything, that the server has not closed the
 * connection.  ERR_PG if it has.
 */
int	 sql_look(struct sql *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * SQL expressions: a time or an interval in microseconds, and what time it is.
 * Times count from 1970, by the server's clock.
 */
#define SQL_US(time)	"(extract(epoch from " time ") * 1000000)::bigint"
#define SQL_NOW_US	SQL_US("clock_timestamp()")

/*
 * Read column "col" of a result that must have one row.  ERR_PG if it is
 * NULL or not a number that fits.
 */
int	 sql_u64(const PGresult *res, int col, uint64_t *v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 sql_u32(const PGresult *res, int col, uint32_t *v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for a time that SQL_US() made.  NULL becomes INT64_MIN: PostgreSQL
 * has no time that early.
 */
int	 sql_time(const PGresult *res, int col, int64_t *us, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Whether column "col" of row 0 is true. */
int	 sql_is_true(const PGresult *res, int col);

#endif /* CLUSTER_SQL_H */
