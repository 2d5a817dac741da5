/* SPDX-License-Identifier: ISC */
#ifndef TEST_PGENV_H
#define TEST_PGENV_H

#include "base/err.h"
#include "cluster/pgsession.h"
#include "postgres.h"

/*
 * One PostgreSQL for all tests of a program, with archiving switched on, and
 * what tests of sessions do with it.  A failure of anything here fails the
 * test that called it.
 *
 *	cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown)
 *
 * Each test that uses the server begins with pgenv_need().
 */
extern struct postgres	 pgenv;

/* Start the server, and end and remove it, for a group of tests. */
int	 pgenv_setup(void **state);
int	 pgenv_teardown(void **state);

/* Skip the test if PostgreSQL is not installed. */
void	 pgenv_need(void);

/* Start the server again after postgres_stop(), with archiving on. */
void	 pgenv_start(void);

/*
 * Copy the server and start the copy as its standby, once in a program.
 * pgenv_teardown() ends and removes it.
 */
const struct postgres *pgenv_standby(void);

/* Connect as "user"; the caller frees the session. */
struct pgsession *pgenv_session(const struct postgres *, const char *user);

/* Run statements as superuser. */
void	 pgenv_sql(const char *text);

/* Make a tablespace in a new folder, whose path goes to "path". */
void	 pgenv_space(char path[128], const char *name);

/* Check the error's kind, and that its text contains "part". */
void	 pgenv_expect(const struct err *, enum err_kind, const char *part);

#endif /* TEST_PGENV_H */
