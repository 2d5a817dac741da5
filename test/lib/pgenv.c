/* SPDX-License-Identifier: ISC */
/* A PostgreSQL for a group of tests, and sessions with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pgenv.h"

struct postgres		 pgenv;
static struct postgres	 standby;
static int		 missing;	/* no PostgreSQL here */

void
pgenv_start(void)
{
	postgres_start(&pgenv, "archive_mode=on", "archive_command=true",
	    NULL);
}

int
pgenv_setup(void **state)
{
	(void)state;
	if ((missing = postgres_new(&pgenv)) == 0)
		pgenv_start();
	return (0);
}

int
pgenv_teardown(void **state)
{
	(void)state;
	postgres_free(&standby);
	postgres_free(&pgenv);
	return (0);
}

void
pgenv_need(void)
{
	if (missing)
		skip();
}

const struct postgres *
pgenv_standby(void)
{
	char	 path[256], conninfo[256];
	FILE	*file;

	postgres_stop(&pgenv);
	postgres_copy(&standby, &pgenv);
	pgenv_start();
	(void)snprintf(path, sizeof(path), "%s/standby.signal", standby.data);
	assert_non_null(file = fopen(path, "w"));
	assert_int_equal(fclose(file), 0);
	(void)snprintf(conninfo, sizeof(conninfo), "primary_conninfo=%s",
	    pgenv.conninfo);
	postgres_start(&standby, conninfo, NULL);
	return (&standby);
}

struct pgsession *
pgenv_session(const struct postgres *p, const char *user)
{
	char			 conninfo[256];
	struct pgsession_conf	 conf = { .conninfo = conninfo,
				    .timeout_ms = 20000, .check_ms = 1 };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;

	(void)snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 "
	    "user=%s dbname=postgres", p->top, user);
	if (pgsession_open(&s, &conf, &e))
		fail_msg("%s", e.msg);
	return (s);
}

void
pgenv_sql(const char *text)
{
	if (postgres_sql(&pgenv, text) != 0)
		fail_msg("%s", text);
}

void
pgenv_space(char path[128], const char *name)
{
	char	 text[512];

	(void)snprintf(path, 128, "%s/ts %s", pgenv.top, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (getuid() == 0)
		assert_int_equal(chown(path, pgenv.uid, pgenv.gid), 0);
	(void)snprintf(text, sizeof(text),
	    "create tablespace \"%s\" location '%s'", name, path);
	pgenv_sql(text);
}

void
pgenv_expect(const struct err *e, enum err_kind kind, const char *part)
{
	if (strstr(e->msg, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", e->msg, part);
	assert_int_equal(e->kind, kind);
}
