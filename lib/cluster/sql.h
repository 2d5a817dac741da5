/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_SQL_H
#define CLUSTER_SQL_H

#include <stdint.h>

#include <libpq-fe.h>

#include "base/err.h"

/*
 * A connection to PostgreSQL on which every wait has a deadline.  Failures
 * are those of pgsession.h.  Text from the server comes as its bytes are: the
 * client encoding is SQL_ASCII, so nothing is converted.
 *
 * After the connection broke, or an answer did not come in time, every call
 * fails with the same words.
 */
struct sql;

/* "conninfo" may be ""; the database defaults to "postgres". */
int	 sql_open(struct sql **, const char *conninfo, uint64_t timeout_ms,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 sql_free(struct sql *);			/* NULL is fine */

int	 sql_version(const struct sql *);	/* 150020 */
int	 sql_backend_pid(const struct sql *);	/* as libpq was told */

/* One statement that returns rows. */
struct sql_ask {
	const char	*what;		/* "start the backup", for messages */
	const char	*text;
	const char	*need;		/* privilege to name where one is
					   missing; NULL: superuser */
	const char	*const *params;	/* $1, ... as text */
	int		 nparams;
	uint64_t	 timeout_ms;	/* 0: none */
};

/* The caller PQclear()s *out. */
int	 sql_query(struct sql *, const struct sql_ask *, PGresult **out,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether the server has closed the connection, without asking it. */
int	 sql_look(struct sql *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* An expression: microseconds since 1970, by the server's clock. */
#define SQL_NOW_US \
	"(extract(epoch from clock_timestamp()) * 1000000)::bigint"

/* Numbers of row 0 in what a query returned; ERR_PG if it is not one. */
int	 sql_u64(const PGresult *, int col, uint64_t *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 sql_u32(const PGresult *, int col, uint32_t *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 sql_is_true(const PGresult *, int col);

#endif /* CLUSTER_SQL_H */
