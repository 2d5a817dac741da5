/* SPDX-License-Identifier: ISC */
/* The backup session, with a real PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster/pgsession.h"
#include "datadir/walk.h"
#include "postgres.h"

static struct postgres	 pg, two;	/* the second for one test */
static int		 missing;	/* no PostgreSQL here */

static int
group_setup(void **state)
{
	(void)state;
	if ((missing = postgres_new(&pg)) == 0)
		postgres_start(&pg, "archive_mode=on",
		    "archive_command=true", NULL);
	return (0);
}

static int
group_teardown(void **state)
{
	(void)state;
	postgres_free(&pg);
	postgres_free(&two);
	return (0);
}

static void
need_postgres(void)
{
	if (missing)
		skip();
}

static void
expect(const struct err *e, enum err_kind kind, const char *part)
{
	if (strstr(e->msg, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", e->msg, part);
	assert_int_equal(e->kind, kind);
}

static struct pgsession *
connect_as(const struct postgres *p, const char *user)
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

static void
sql(const char *text)
{
	if (postgres_sql(&pg, text) != 0)
		fail_msg("%s", text);
}

/* A tablespace in a new folder, whose path goes to "path". */
static void
make_space(char path[128], const char *name)
{
	char	 text[512];

	(void)snprintf(path, 128, "%s/ts %s", pg.top, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (getuid() == 0)
		assert_int_equal(chown(path, pg.uid, pg.gid), 0);
	(void)snprintf(text, sizeof(text),
	    "create tablespace \"%s\" location '%s'", name, path);
	sql(text);
}

static void
sleep_ms(long ms)
{
	struct timespec	 ts = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

/* Wait for pgsession_alive() to say that it is over. */
static void
expect_end(struct pgsession *s, const char *part)
{
	struct err	 e = ERR_INIT;
	int		 i;

	for (i = 0; i < 100 && pgsession_alive(s, &e) == 0; i++)
		sleep_ms(50);
	expect(&e, ERR_PG, part);
	err_clear(&e);
	assert_int_equal(pgsession_alive(s, &e), -1);	/* it stays so */
	expect(&e, ERR_PG, part);
}

static void
test_facts(void **state)
{
	struct pgsession		*s;
	struct pgsession_facts	 f;
	struct err		 e = ERR_INIT;
	struct stat		 st;
	char			 path[128 + 64];

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_facts(s, &f, &e), 0);
	assert_in_range(f.version, 130000, 199999);
	assert_true(f.system_id >> 32 > 1500000000);	/* initdb's time */
	assert_int_equal(f.in_recovery, 0);
	assert_int_equal(f.timeline, 1);
	assert_int_equal(f.segment_size, 1 << 20);
	assert_int_equal(f.block_size, 8192);
	assert_int_equal(f.relseg_blocks, 131072);
	assert_int_equal(f.checksums, 1);
	assert_int_equal(f.full_page_writes, 1);
	assert_int_equal(f.archive, PGSESSION_ARCHIVE_ON);
	assert_string_equal(f.data_directory, pg.data);
	assert_true(llabs(f.now_us - clock_now_us()) < 60000000);
	assert_int_equal(pgsession_check_archive(&f, &e), 0);
	/* The version's directory is where PostgreSQL itself makes it. */
	make_space(path, "facts");
	(void)snprintf(path + strlen(path), 64, "/%s", f.tablespace_dir);
	assert_int_equal(stat(path, &st), 0);
	sql("drop tablespace facts");
	pgsession_free(s);
	pgsession_free(NULL);
}

static void
test_archive(void **state)
{
	static const struct {
		enum pgsession_archive	 archive;
		const char		*says;
	} table[] = {
		{ PGSESSION_ARCHIVE_OFF, "archive_mode is off" },
		{ PGSESSION_ARCHIVE_UNSET, "archive_command is empty" },
		{ PGSESSION_ARCHIVE_HELD, "archive_command is 'false'" },
	};
	struct pgsession_facts	 f;
	struct pgsession		*s;
	size_t			 i;

	(void)state;
	need_postgres();
	memset(&f, 0, sizeof(f));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err	 e = ERR_INIT;

		f.archive = table[i].archive;
		f.in_recovery = 1;
		assert_int_equal(pgsession_check_archive(&f, &e), 0);
		f.in_recovery = 0;
		assert_int_equal(pgsession_check_archive(&f, &e), -1);
		expect(&e, ERR_PG, table[i].says);
		expect(&e, ERR_PG, "'wal-push %p'");
	}
	/* As the settings say it. */
	for (i = 0; i < 3; i++) {
		static const char *const	 command[] = { "", "false",
						    "true" };
		char				 text[64];
		struct err			 e = ERR_INIT;

		/* The command line wins over ALTER SYSTEM: start again. */
		postgres_stop(&pg);
		(void)snprintf(text, sizeof(text), "archive_command=%s",
		    command[i]);
		postgres_start(&pg, i == 2 ? "archive_mode=always" :
		    "archive_mode=on", text, NULL);
		s = connect_as(&pg, "postgres");
		assert_int_equal(pgsession_facts(s, &f, &e), 0);
		assert_int_equal(f.archive, i == 0 ? PGSESSION_ARCHIVE_UNSET :
		    i == 1 ? PGSESSION_ARCHIVE_HELD : PGSESSION_ARCHIVE_ALWAYS);
		pgsession_free(s);
	}
}

static void
test_backup(void **state)
{
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop = { .lsn = 0 };
	struct err		 e = ERR_INIT;
	char			 want[256], path[128];

	(void)state;
	need_postgres();
	make_space(path, "backup");
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_start(s, "nightly \xc3\xa9", 1, &start, &e),
	    0);
	assert_int_equal(start.timeline, 1);
	assert_int_equal(strlen(start.walfile), 24);
	assert_int_equal(pgsession_alive(s, &e), 0);
	sql("create table t as select generate_series(1, 40000)");
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
	assert_non_null(strstr(stop.map, path));
	assert_int_equal(stop.map[stop.map_len - 1], '\n');
	pgsession_stop_free(&stop);
	/* The session is good for another one, but not for a second stop. */
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	expect(&e, ERR_PG, "none was started");
	err_clear(&e);
	sql("drop tablespace backup");
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
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_start(s, "a\nSTART", 1, &start, &e), -1);
	expect(&e, ERR_USAGE, "backup label: control character at byte 2");
	err_clear(&e);
	memset(text, 'x', sizeof(text));
	text[1024] = '\0';
	assert_int_equal(pgsession_start(s, text, 1, &start, &e), -1);
	expect(&e, ERR_USAGE, "1024 bytes long, expected less than 1024");
	pgsession_free(s);
}

static void
test_terminated(void **state)
{
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	sql("select pg_terminate_backend(pid) from pg_stat_activity "
	    "where application_name = 'base-push'");
	/* As an answer to our question, or before we asked. */
	expect_end(s, "terminating connection due to administrator command");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	expect(&e, ERR_PG, "terminating connection");
	pgsession_free(s);
}

/* Even where pgsession_alive() was not asked in between. */
static void
test_terminated_at_stop(void **state)
{
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	sql("select pg_terminate_backend(pid) from pg_stat_activity "
	    "where application_name = 'base-push'");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	expect(&e, ERR_PG, "terminating connection");
	pgsession_free(s);
}

/* A server that hangs: the connection stands, no answer comes. */
static void
test_hangs(void **state)
{
	char			 cmd[256];
	struct pgsession_conf	 conf = { .conninfo = pg.conninfo,
				    .timeout_ms = 2000, .check_ms = 1 };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;
	int64_t			 before;

	(void)state;
	need_postgres();
	assert_int_equal(pgsession_open(&s, &conf, &e), 0);
	(void)snprintf(cmd, sizeof(cmd), "copy (select pid from "
	    "pg_stat_activity where application_name = 'base-push') "
	    "to program 'xargs kill -STOP'");
	sql(cmd);
	before = clock_mono_ms();
	expect_end(s, "no answer");
	assert_in_range(clock_mono_ms() - before, 1500, 8000);
	pgsession_free(s);
	sql("copy (select pid from pg_stat_activity where application_name "
	    "= 'base-push') to program 'xargs kill -CONT'");
}

static void
test_stopped_server(void **state)
{
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	postgres_stop(&pg);
	expect_end(s, "connection");
	pgsession_free(s);
	postgres_start(&pg, "archive_mode=on", "archive_command=true", NULL);
}

/* What roles and databases set must not end the session. */
static void
test_timeouts(void **state)
{
	struct pgsession		*s;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	sql("create role hasty superuser login");
	sql("alter role hasty set statement_timeout = '20ms'");
	sql("alter role hasty set idle_in_transaction_session_timeout = 100");
	sql("alter role hasty set search_path = 'evil'");
	sql("create schema evil");
	sql("create function evil.pg_is_in_recovery() returns bool language "
	    "sql as 'select true'");
	sql("create function evil.pg_backup_stop(bool) returns text "
	    "language sql as 'select null'");
	s = connect_as(&pg, "hasty");
	sql("checkpoint");
	sql("insert into t select generate_series(1, 20000)");
	/* A start that takes longer than the role's statement_timeout. */
	assert_int_equal(pgsession_start(s, "x", 0, &start, &e), 0);
	sleep_ms(300);
	assert_int_equal(pgsession_alive(s, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	pgsession_stop_free(&stop);
	pgsession_free(s);
	sql("drop schema evil cascade");
	sql("drop role hasty");
}

static void
test_privileges(void **state)
{
	struct pgsession		*s;
	struct pgsession_facts	 f;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;
	char			 text[512];
	const char		*name[2];

	(void)state;
	need_postgres();
	sql("create role weak login");
	s = connect_as(&pg, "weak");
	assert_int_equal(pgsession_facts(s, &f, &e), -1);
	expect(&e, ERR_PG, "role weak needs membership in "
	    "pg_read_all_settings");
	err_clear(&e);
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), -1);
	expect(&e, ERR_PG, "start the backup: permission denied for function");
	expect(&e, ERR_PG, "role weak needs EXECUTE on function pg_");
	err_clear(&e);
	assert_int_equal(pgsession_switch_wal(s, &e), -1);
	expect(&e, ERR_PG, "needs EXECUTE on function pg_switch_wal()");
	err_clear(&e);
	/* What the messages say is enough. */
	sql("grant pg_read_all_settings to weak");
	assert_int_equal(pgsession_facts(s, &f, &e), 0);
	name[0] = f.version >= 150000 ? "pg_backup_start(text, boolean)" :
	    "pg_start_backup(text, boolean, boolean)";
	name[1] = f.version >= 150000 ? "pg_backup_stop(boolean)" :
	    "pg_stop_backup(boolean, boolean)";
	(void)snprintf(text, sizeof(text), "grant execute on function %s to "
	    "weak; grant execute on function %s to weak", name[0], name[1]);
	sql(text);
	assert_int_equal(pgsession_start(s, "x", 1, &start, &e), 0);
	assert_int_equal(pgsession_stop(s, &stop, &e), 0);
	pgsession_stop_free(&stop);
	pgsession_free(s);
	sql("drop owned by weak");
	sql("drop role weak");
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
		struct pgsession		*s = NULL;
		struct err		 e = ERR_INIT;

		assert_int_equal(pgsession_open(&s, &conf, &e), -1);
		expect(&e, table[i].kind, table[i].says);
		assert_null(strstr(e.msg, "hunter2"));
		assert_null(s);
	}
}

/* A server that takes the connection and then says nothing. */
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
	expect(&e, ERR_PG, "timeout expired");
	assert_in_range(clock_mono_ms() - before, 1000, 6000);
	assert_int_equal(close(fd), 0);
}

/* Without a database in it, "postgres" and not the role's name. */
static void
test_default_database(void **state)
{
	char			 conninfo[256];
	struct pgsession_conf	 conf = { .conninfo = conninfo };
	struct pgsession	*s = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	need_postgres();
	sql("create role dba superuser login");
	(void)snprintf(conninfo, sizeof(conninfo), "host=%s user=dba",
	    pg.top);
	if (pgsession_open(&s, &conf, &e))
		fail_msg("%s", e.msg);
	pgsession_free(s);
	sql("drop role dba");
}

/* All of them, by OID, in the bytes of their names. */
static void
test_databases(void **state)
{
	struct pgsession_database	*d = NULL;
	struct pgsession		*s;
	struct err			 e = ERR_INIT;
	size_t				 n = 0, i, found = 0;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	sql("create database \"Gr\xc3\xb6\xc3\x9f" "e\"");
	if (pgsession_databases(s, &d, &n, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(n, 4);
	for (i = 0; i < n; i++) {
		assert_true(i == 0 || d[i - 1].oid < d[i].oid);
		found += strcmp(d[i].name, "Gr\xc3\xb6\xc3\x9f" "e") == 0 ||
		    strcmp(d[i].name, "template0") == 0 ||
		    strcmp(d[i].name, "template1") == 0 ||
		    strcmp(d[i].name, "postgres") == 0;
	}
	assert_int_equal(found, 4);
	pgsession_databases_free(d, n);
	sql("drop database \"Gr\xc3\xb6\xc3\x9f" "e\"");
	pgsession_free(s);
}

static void
test_tablespaces(void **state)
{
	struct pgsession			*s;
	struct pgsession_tablespace	*t = NULL;
	struct walk_conf		 conf = { .dir = pg.data };
	struct walk_entry		 en;
	struct pgsession_facts		 f;
	struct walk			*w = NULL;
	struct err			 e = ERR_INIT;
	char				 path[128], link[64];
	size_t				 n = 9, links = 0;
	int				 rc;

	(void)state;
	need_postgres();
	s = connect_as(&pg, "postgres");
	assert_int_equal(pgsession_tablespaces(s, &t, &n, &e), 0);
	assert_int_equal(n, 0);
	pgsession_tablespaces_free(t, n);
	make_space(path, "Zw\xc3\xb6lf");
	sql("create table far (n int) tablespace \"Zw\xc3\xb6lf\"");
	assert_int_equal(pgsession_tablespaces(s, &t, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(t[0].name, "Zw\xc3\xb6lf");
	assert_string_equal(t[0].location, path);
	assert_int_equal(t[0].in_place, 0);
	assert_in_range(t[0].oid, 16384, UINT32_MAX);
	/* The walk finds the same on disk. */
	assert_int_equal(pgsession_facts(s, &f, &e), 0);
	conf.tablespace_dir = f.tablespace_dir;
	(void)snprintf(link, sizeof(link), "pg_tblspc/%u", t[0].oid);
	assert_int_equal(walk_open(&w, &conf, &e), 0);
	while ((rc = walk_next(w, &en, &e)) == 0)
		if (en.type == WALK_LINK) {
			links++;
			assert_string_equal(en.path, link);
			assert_string_equal(en.target, path);
		}
	if (rc == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(links, 1);
	walk_free(w);
	pgsession_tablespaces_free(t, n);
	sql("drop table far");
	sql("drop tablespace \"Zw\xc3\xb6lf\"");
	if (f.version >= 150000) {
		postgres_stop(&pg);
		postgres_start(&pg, "allow_in_place_tablespaces=on",
		    "archive_mode=on", "archive_command=true", NULL);
		pgsession_free(s);
		s = connect_as(&pg, "postgres");
		sql("create tablespace here location ''");
		assert_int_equal(pgsession_tablespaces(s, &t, &n, &e), 0);
		assert_int_equal(n, 1);
		assert_int_equal(t[0].in_place, 1);
		pgsession_tablespaces_free(t, n);
		sql("drop tablespace here");
	}
	pgsession_free(s);
}

/* A standby: a backup from it, and one that its promotion voids. */
static void
test_standby(void **state)
{
	struct pgsession		*s;
	struct pgsession_facts	 f;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct err		 e = ERR_INIT;
	char			 path[256], conninfo[256];
	FILE			*signal_file;

	(void)state;
	need_postgres();
	postgres_stop(&pg);
	postgres_copy(&two, &pg);
	postgres_start(&pg, "archive_mode=on", "archive_command=true", NULL);
	(void)snprintf(path, sizeof(path), "%s/standby.signal", two.data);
	assert_non_null(signal_file = fopen(path, "w"));
	assert_int_equal(fclose(signal_file), 0);
	(void)snprintf(conninfo, sizeof(conninfo), "primary_conninfo=%s",
	    pg.conninfo);
	postgres_start(&two, conninfo, NULL);
	s = connect_as(&two, "postgres");
	assert_int_equal(pgsession_facts(s, &f, &e), 0);
	assert_int_equal(f.in_recovery, 1);
	assert_int_equal(f.archive, PGSESSION_ARCHIVE_OFF);
	assert_int_equal(pgsession_check_archive(&f, &e), 0);
	if (pgsession_start(s, "standby", 1, &start, &e) ||
	    pgsession_alive(s, &e) || pgsession_stop(s, &stop, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(stop.label, "BACKUP FROM: standby"));
	assert_int_equal(stop.timeline, 1);
	assert_true(stop.lsn > start.lsn);
	pgsession_stop_free(&stop);

	assert_int_equal(pgsession_start(s, "standby", 1, &start, &e), 0);
	assert_int_equal(postgres_sql(&two, "select pg_promote()"), 0);
	expect_end(s, "the standby was promoted during the backup");
	assert_int_equal(pgsession_stop(s, &stop, &e), -1);
	expect(&e, ERR_PG, "promoted");
	pgsession_free(s);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_archive),
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
		cmocka_unit_test(test_databases),
		cmocka_unit_test(test_tablespaces),
		cmocka_unit_test(test_standby),
	};

	return (cmocka_run_group_tests(tests, group_setup, group_teardown));
}
