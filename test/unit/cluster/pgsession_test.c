/* SPDX-License-Identifier: ISC */
/* The session of a base backup, with a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster/pgsession.h"
#include "pgenv.h"

static void
sleep_ms(long ms)
{
	struct timespec	 ts = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

/* Wait until pgsession_alive() fails. */
static void
expect_end(struct pgsession *s, const char *part)
{
	struct err	 e = ERR_INIT;
	int		 i;

	for (i = 0; i < 100 && pgsession_alive(s, &e) == 0; i++)
		sleep_ms(50);
	pgenv_expect(&e, ERR_PG, part);
	err_clear(&e);
	assert_int_equal(pgsession_alive(s, &e), -1);	/* it stays so */
	pgenv_expect(&e, ERR_PG, part);
}

static void
test_backup(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop = { .lsn = 0 };
	struct err		 e = ERR_INIT;
	char			 want[256], path[128];

	(void)state;
	pgenv_need();
	pgenv_space(path, "backup");
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgsession_start(s, "nightly \xc3\xa9", 1, &start, &e),
	    0);
	assert_int_equal(start.timeline, 1);
	assert_int_equal(strlen(start.walfile), 24);
	assert_int_equal(pgsession_alive(s, &e), 0);
	pgenv_sql("create table t as select generate_series(1, 40000)");
	assert_int_equal(pgsession_alive(s, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	(void)snprintf(want, sizeof(want),
	    "START WAL LOCATION: %X/%X (file %s)\n",
	    (unsigned)(start.lsn >> 32), (unsigned)start.lsn, start.walfile);
	assert_memory_equal(stop.label, want, strlen(want));
	assert_non_null(strstr(stop.label, "\nLABEL: nightly \xc3\xa9\n"));
	assert_int_equal(stop.label_len, strlen(stop.label));
	assert_true(stop.lsn > start.lsn);
	assert_true(strcmp(stop.walfile, start.walfile) > 0);	/* 1 MiB */
	assert_int_equal(stop.timeline, 1);
	assert_true(stop.time_us >= start.time_us);
	assert_true(stop.oldest_xid >= 3);
	assert_true(stop.next_xid >= stop.oldest_xid);
	assert_non_null(strstr(stop.map, path));
	assert_int_equal(stop.map[stop.map_len - 1], '\n');
	pgsession_stop_free(&stop);
	/* The session can do another backup, but not stop this one twice. */
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	pgenv_expect(&e, ERR_PG, "no backup was started");
	err_clear(&e);
	pgenv_sql("drop tablespace backup");
	assert_int_equal(pgsession_start(s, "", 1, &start, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	assert_string_equal(stop.map, "");
	assert_int_equal(stop.map_len, 0);
	pgsession_stop_free(&stop);
	assert_int_equal(pgsession_switch_wal(s, &e), 0);
	pgsession_free(s);
}

static void
test_label_text(void **state)
{
	char			 text[1100];
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgsession_start(s, "a\nSTART", 1, &start, &e), -1);
	pgenv_expect(&e, ERR_USAGE,
	    "backup label: control character at byte 2");
	err_clear(&e);
	memset(text, 'x', sizeof(text));
	text[1024] = '\0';
	assert_int_equal(pgsession_start(s, text, 1, &start, &e), -1);
	pgenv_expect(&e, ERR_USAGE, "1024 bytes long, expected less than 1024");
	pgsession_free(s);
}

static void
test_terminated(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	pgenv_sql("select pg_terminate_backend(pid) from pg_stat_activity "
	    "where application_name = 'base-push'");
	/* It comes as the answer to a question, or before one. */
	expect_end(s, "terminating connection due to administrator command");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	pgenv_expect(&e, ERR_PG, "terminating connection");
	pgsession_free(s);
}

/* The same without a call of pgsession_alive() in between. */
static void
test_terminated_at_stop(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	pgenv_sql("select pg_terminate_backend(pid) from pg_stat_activity "
	    "where application_name = 'base-push'");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	pgenv_expect(&e, ERR_PG, "terminating connection");
	pgsession_free(s);
}

/* A server that hangs: the connection stays up, but no answer comes. */
static void
test_hangs(void **state)
{
	char			 cmd[256];
	struct pgsession_conf	 conf = { .conninfo = pgenv.conninfo,
				    .timeout_ms = 2000, .check_ms = 1 };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;
	int64_t			 before;

	(void)state;
	pgenv_need();
	assert_int_equal(pgsession_open(&s, &conf, &e), 0);
	(void)snprintf(cmd, sizeof(cmd), "copy (select pid from "
	    "pg_stat_activity where application_name = 'base-push') "
	    "to program 'xargs kill -STOP'");
	pgenv_sql(cmd);
	before = clock_mono_ms();
	expect_end(s, "no answer");
	assert_in_range(clock_mono_ms() - before, 1500, 8000);
	pgsession_free(s);
	pgenv_sql("copy (select pid from pg_stat_activity where "
	    "application_name = 'base-push') to program 'xargs kill -CONT'");
}

static void
test_stopped_server(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	postgres_stop(&pgenv);
	expect_end(s, "connection");
	pgsession_free(s);
	pgenv_start();
}

/* Settings of roles and databases must not end the session. */
static void
test_timeouts(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	pgenv_sql("create role hasty superuser login");
	pgenv_sql("alter role hasty set statement_timeout = '20ms'");
	pgenv_sql("alter role hasty set idle_in_transaction_session_timeout "
	    "= 100");
	pgenv_sql("alter role hasty set search_path = 'evil'");
	pgenv_sql("create schema evil");
	pgenv_sql("create function evil.pg_is_in_recovery() returns bool "
	    "language sql as 'select true'");
	pgenv_sql("create function evil.pg_backup_stop(bool) returns text "
	    "language sql as 'select null'");
	s = pgenv_session(&pgenv, "hasty");
	pgenv_sql("checkpoint");
	pgenv_sql("insert into t select generate_series(1, 20000)");
	/* A start that takes longer than the role's statement_timeout. */
	assert_int_equal(pgsession_start(s, "x", 0, &start, &e), 0);
	sleep_ms(300);
	assert_int_equal(pgsession_alive(s, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	pgsession_stop_free(&stop);
	pgsession_free(s);
	pgenv_sql("drop schema evil cascade");
	pgenv_sql("drop role hasty");
}

static void
test_privileges(void **state)
{
	struct pgsession	*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;
	char			 text[512];
	const char		*name[2];

	(void)state;
	pgenv_need();
	pgenv_sql("create role weak login");
	s = pgenv_session(&pgenv, "weak");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), -1);
	pgenv_expect(&e, ERR_PG,
	    "start the backup: permission denied for function");
	pgenv_expect(&e, ERR_PG, "role weak needs EXECUTE on function pg_");
	err_clear(&e);
	/* Known beforehand, and in the same words. */
	assert_int_equal(pgsession_may_start(s, "x", &e), -1);
	pgenv_expect(&e, ERR_PG,
	    "start the backup: permission denied for function");
	pgenv_expect(&e, ERR_PG, "role weak needs EXECUTE on function pg_");
	err_clear(&e);
	assert_int_equal(pgsession_switch_wal(s, &e), -1);
	pgenv_expect(&e, ERR_PG, "needs EXECUTE on function pg_switch_wal()");
	err_clear(&e);
	/* The privileges that the messages name are enough. */
	name[0] = pgsession_version(s) >= 150000 ?
	    "pg_backup_start(text, boolean)" :
	    "pg_start_backup(text, boolean, boolean)";
	name[1] = pgsession_version(s) >= 150000 ? "pg_backup_stop(boolean)" :
	    "pg_stop_backup(boolean, boolean)";
	(void)snprintf(text, sizeof(text), "grant execute on function %s to "
	    "weak; grant execute on function %s to weak", name[0], name[1]);
	pgenv_sql(text);
	assert_int_equal(pgsession_may_start(s, "x\n", &e), -1);
	pgenv_expect(&e, ERR_USAGE, "backup label: control character");
	err_clear(&e);
	assert_int_equal(pgsession_may_start(s, "x", &e), 0);
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	pgsession_stop_free(&stop);
	pgsession_free(s);
	pgenv_sql("drop owned by weak");
	pgenv_sql("drop role weak");
}

static void
test_conninfo(void **state)
{
	static const struct {
		const char	*conninfo;
		enum err_kind	 kind;
		const char	*says;
	} table[] = {
		{ "host", ERR_CONFIG, "conninfo cannot be read: missing" },
		{ "password=hunter2 hunter2", ERR_CONFIG, "cannot be read" },
		{ "postgresql://u:hunter2@[h/", ERR_CONFIG,
		    "cannot be read" },
		{ "postgresql://u:hunter2@h:x:y/", ERR_PG,
		    "connect to PostgreSQL: invalid" },
		{ "color=hunter2", ERR_CONFIG, "invalid connection option" },
		{ "host=/nowhere password=hunter2", ERR_PG,
		    "connect to PostgreSQL: connection to server on socket "
		    "\"/nowhere/.s.PGSQL.5432\" failed: No such file" },
		{ "host=127.0.0.1 port=1", ERR_PG, "Connection refused" },
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct pgsession_conf	 conf = {
			.conninfo = table[i].conninfo,
			.timeout_ms = 2000
		};
		struct pgsession	*s = NULL;
		struct err		 e = ERR_INIT;

		assert_int_equal(pgsession_open(&s, &conf, &e), -1);
		pgenv_expect(&e, table[i].kind, table[i].says);
		assert_null(strstr(e.msg, "hunter2"));
		assert_null(s);
		pgsession_free(s);
	}
}

/* A server that accepts the connection and then sends nothing. */
static void
test_connect_deadline(void **state)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(sa);
	char			 conninfo[64];
	struct pgsession_conf	 conf = { .conninfo = conninfo,
				    .timeout_ms = 2000 };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;
	int64_t			 before = clock_mono_ms();
	int			 fd;

	(void)state;
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_not_equal(fd = socket(AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	(void)snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1 port=%d",
	    ntohs(sa.sin_port));
	assert_int_equal(pgsession_open(&s, &conf, &e), -1);
	pgenv_expect(&e, ERR_PG, "timeout expired");
	assert_in_range(clock_mono_ms() - before, 1000, 6000);
	assert_int_equal(close(fd), 0);
}

/* The database defaults to "postgres", not to the role's name. */
static void
test_default_database(void **state)
{
	char			 conninfo[256];
	struct pgsession_conf	 conf = { .conninfo = conninfo };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	pgenv_sql("create role dba superuser login");
	(void)snprintf(conninfo, sizeof(conninfo), "host=%s user=dba",
	    pgenv.top);
	if (pgsession_open(&s, &conf, &e))
		fail_msg("%s", e.msg);
	pgsession_free(s);
	pgenv_sql("drop role dba");
}

/* A standby: a backup from it, and one that its promotion ends. */
static void
test_standby(void **state)
{
	struct pgsession	*s;
	const struct postgres	*two;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	two = pgenv_standby();
	s = pgenv_session(two, "postgres");
	if (pgsession_start(s, "standby", 1, &start, &e) ||
	    pgsession_alive(s, &e) || pgsession_stop(s, &stop, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(stop.label, "BACKUP FROM: standby"));
	assert_int_equal(stop.timeline, 1);
	assert_true(stop.lsn > start.lsn);
	pgsession_stop_free(&stop);

	assert_int_equal(pgsession_start(s, "standby", 1, &start, &e), 0);
	assert_int_equal(postgres_sql(two, "select pg_promote()"), 0);
	expect_end(s, "the standby was promoted during the backup");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	pgenv_expect(&e, ERR_PG, "promoted");
	pgsession_free(s);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_backup),
		cmocka_unit_test(test_label_text),
		cmocka_unit_test(test_terminated),
		cmocka_unit_test(test_terminated_at_stop),
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_stopped_server),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_conninfo),
		cmocka_unit_test(test_connect_deadline),
		cmocka_unit_test(test_default_database),
		cmocka_unit_test(test_standby),
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
