/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SQL_H
#define CLUSTER_SQL_H

#include <stdint.h>

#include <libpq-fe.h>

#include "base/err.h"

/*
 * A connection to PostgreSQL on which every wait has a deadline.
 *
 * Failures are those of pgsession.h.  The client encoding is SQL_ASCII, so
 * PostgreSQL converts nothing: text arrives in the bytes that the database
 * holds.  Once the connection broke, or an answer did not arrive in time,
 * every call fails with that reason.
 */
struct sql;

/*
 * Connect within "timeout_ms".  "conninfo" is a connection string of libpq
 * ("Connection Strings" in PostgreSQL's manual) and may be ""; the database
 * defaults to "postgres".  The caller frees *out.
 */
int	 sql_open(struct sql **out, const char *conninfo, uint64_t timeout_ms,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
void	 sql_free(struct sql *s);			/* NULL is fine */

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
 * Check, without sending anything, that the server has not closed the
 * connection.  ERR_PG if it has.
 */
int	 sql_look(struct sql *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* An SQL expression: microseconds since 1970, by the server's clock. */
#define SQL_NOW_US \
	"(extract(epoch from clock_timestamp()) * 1000000)::bigint"

/*
 * Read column "col" of a result that must have one row.  ERR_PG if it is
 * NULL or not a number that fits.
 */
int	 sql_u64(const PGresult *res, int col, uint64_t *v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 sql_u32(const PGresult *res, int col, uint32_t *v, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Whether column "col" of row 0 is true. */
int	 sql_is_true(const PGresult *res, int col);

#endif /* CLUSTER_SQL_H */
