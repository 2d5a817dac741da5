/* SPDX-License-Identifier: ISC */
/* Configurations that lead out of a copy, and what becomes of them. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "restore/harmless.h"
#include "testdir.h"

static char		 dir[512], old[512];
static const struct harmless_place	 place = { dir, dir };

static int
setup(void **state)
{
	if (testdir_setup(state) != 0)
		return (-1);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("copy"));
	(void)snprintf(old, sizeof(old), "%s", testdir_path("old"));
	return (mkdir(dir, 0700) || mkdir(old, 0700));
}

/* Write "dir" again, with this postgresql.conf; %s stands for "old". */
static struct harmless *
written(const char *conf, const char *automatic, const struct recovery *with,
    const char *recorded)
{
	struct recovery		 r = with != NULL ? *with :
	    (struct recovery){ .postgresql = 140000 };
	struct harmless		*h = NULL;
	struct err		 e = ERR_INIT;
	char			*text = malloc(8192);
	const char		*p;
	size_t			 n = 0;

	(void)unlink(testdir_path("copy/recovery.signal"));
	(void)unlink(testdir_path("copy/standby.signal"));
	assert_non_null(text);
	for (p = conf; *p != '\0'; p++)
		if (*p == '%') {
			(void)strcpy(text + n, old);
			n += strlen(old);
		} else
			text[n++] = *p;
	text[n] = '\0';
	testdir_text("copy/postgresql.conf", text);
	testdir_text("copy/postgresql.auto.conf", automatic);
	free(text);
	r.restore_command = "x";
	if (harmless_write(&h, &r, &place, recorded, &e))
		fail_msg("%s", e.msg);
	return (h);
}

static const struct harmless_note *
note_of(const struct harmless *h, enum harmless_kind kind, const char *name)
{
	size_t	 i;

	for (i = 0; i < h->n; i++)
		if (h->notes[i].kind == kind &&
		    strcmp(h->notes[i].name, name) == 0)
			return (&h->notes[i]);
	return (NULL);
}

static void
file_has(const char *file, const char *want, int has)
{
	size_t	 n;
	char	*text = testdir_read(file, &n);

	assert_int_equal(strstr(text, want) != NULL, has);
	free(text);
}

static void
test_places(void **state)
{
	struct harmless	*h;
	char		 want[1200];

	(void)state;
	testdir_text("copy/pg_hba.conf", "");
	h = written("data_directory = '%'\nhba_file = '%/pg_hba.conf'\n"
	    "ident_file = '%/pg_ident.conf'\nexternal_pid_file = '%/x.pid'\n"
	    "log_directory = '/var/log/x'\nstats_temp_directory = '/run/x'\n"
	    "unix_socket_directories = '/tmp, %'", "log_directory = '../l'\n",
	    NULL, old);
	assert_non_null(h->append);
	file_has("copy/postgresql.conf", h->append, 1);
	(void)snprintf(want, sizeof(want), "\ndata_directory = '%s'\n", dir);
	assert_non_null(strstr(h->append, want));
	(void)snprintf(want, sizeof(want), "\nhba_file = '%s/pg_hba.conf'\n",
	    dir);
	assert_non_null(strstr(h->append, want));
	assert_non_null(strstr(h->append, "/external.pid'\n"));
	/* The copy has none: PostgreSQL would not start without it. */
	assert_null(strstr(h->append, "ident_file"));
	assert_non_null(note_of(h, HARMLESS_LEFT, "ident_file"));
	file_has("copy/postgresql.auto.conf", "\nlog_directory = 'log'\n", 1);
	file_has("copy/postgresql.auto.conf", "'../l'", 0);
	file_has("copy/postgresql.auto.conf",
	    "\nstats_temp_directory = 'pg_stat_tmp'\n", 1);
	(void)snprintf(want, sizeof(want),
	    "\nunix_socket_directories = '%s'\n", dir);
	file_has("copy/postgresql.auto.conf", want, 1);
	harmless_free(h);

	/* In the place where it was it is no copy. */
	h = written("data_directory = '%'\nexternal_pid_file = '/run/x'\n"
	    "log_directory = '/var/log/x'\n", "", NULL, dir);
	assert_null(h->append);
	assert_int_equal(h->n, 0);
	harmless_free(h);
}

static void
test_inside(void **state)
{
	struct harmless	*h;
	char		 conf[2048];

	(void)state;
	testdir_text("copy/my.conf", "external_pid_file = ''\n");
	assert_int_equal(mkdir(testdir_path("copy/conf.d"), 0700), 0);
	(void)snprintf(conf, sizeof(conf), "data_directory = '%s'\n"
	    "log_directory = 'pg_log'\nhba_file = '%s/my.conf'\n"
	    "include 'my.conf'\ninclude_if_exists = 'none.conf'\n"
	    "include_dir = 'conf.d'\nunix_socket_directories = '/tmp'\n",
	    dir, dir);
	h = written(conf, "", NULL, old);
	assert_null(h->append);
	assert_int_equal(h->n, 0);
	harmless_free(h);
}

static void
test_includes(void **state)
{
	struct harmless	*h;

	(void)state;
	/* Later files rule; what is no .conf, or hidden, is not read. */
	assert_int_equal(mkdir(testdir_path("copy/conf.d"), 0700), 0);
	testdir_text("copy/conf.d/a.conf", "external_pid_file = '/run/a'\n");
	testdir_text("copy/conf.d/b.conf", "external_pid_file = '/run/b'\n");
	testdir_text("copy/conf.d/.c.conf", "external_pid_file = '/run/c'\n");
	testdir_text("copy/conf.d/d.cnf", "external_pid_file = '/run/d'\n");
	h = written("include_dir 'conf.d'", "", NULL, NULL);
	assert_int_equal(h->n, 1);
	assert_string_equal(h->notes[0].was, "/run/b");
	/* The last line had no end. */
	file_has("copy/postgresql.conf", "include_dir 'conf.d'\n", 1);
	harmless_free(h);

	/* What leads out may say anything tomorrow. */
	testdir_text("old/x.conf", "external_pid_file = '/run/x'\n");
	h = written("include '%/x.conf'\n", "", NULL, old);
	assert_non_null(note_of(h, HARMLESS_INCLUDE, "include"));
	assert_non_null(note_of(h, HARMLESS_CHANGED, "external_pid_file"));
	assert_non_null(strstr(h->append, "\ndata_directory = '"));
	harmless_free(h);
	assert_int_equal(symlink(testdir_path("old/x.conf"),
	    testdir_path("copy/conf.d/z.conf")), 0);
	h = written("include_dir 'conf.d'\n", "", NULL, old);
	assert_non_null(note_of(h, HARMLESS_INCLUDE, "include"));
	harmless_free(h);
	/* One that includes itself ends. */
	h = written("include 'postgresql.conf'\ninclude 'missing'\n", "",
	    NULL, old);
	assert_non_null(note_of(h, HARMLESS_INCLUDE, "include"));
	harmless_free(h);
}

static void
test_notes(void **state)
{
	static const char	 conf[] = "primary_conninfo = 'password=s'\n"
	    "primary_slot_name = 'mine'\nsynchronous_standby_names = '*'\n"
	    "shared_preload_libraries = 'auto_explain, "
	    "$libdir/pg_cron.so'\n";
	const struct recovery	 standby = { .standby = 1,
	    .postgresql = 150000 };
	struct harmless		*h;

	(void)state;
	h = written(conf, "", NULL, dir);
	assert_int_equal(h->n, 2);
	assert_string_equal(note_of(h, HARMLESS_COMMITS,
	    "synchronous_standby_names")->was, "*");
	assert_non_null(strstr(note_of(h, HARMLESS_JOBS,
	    "shared_preload_libraries")->was, "pg_cron"));
	harmless_free(h);
	h = written(conf, "synchronous_standby_names = ''\n"
	    "max_connections = 20", &standby, dir);
	assert_int_equal(h->n, 4);
	assert_string_equal(note_of(h, HARMLESS_PAUSES, "hot_standby")->was,
	    "max_connections = 20, max_worker_processes = 8, "
	    "max_wal_senders = 10, max_prepared_transactions = 0, "
	    "max_locks_per_transaction = 64");
	assert_null(note_of(h, HARMLESS_STANDBY, "primary_conninfo")->was);
	assert_string_equal(note_of(h, HARMLESS_STANDBY,
	    "primary_slot_name")->was, "mine");
	harmless_free(h);
}

/* What later backups had higher, and only that. */
static void
test_raised(void **state)
{
	static const char	 id[] = "20261103T000000Z";
	const struct hotneeds	 need = { { 130, 8, 11, 0, 64 },
	    { id, id, id, id, id } }, nothing = { .value = { 0 } },
	    prepares = { { 130, 8, 11, 3, 64 }, { id, id, id, id, id } };
	struct recovery		 r = { .kind = CHOOSE_TIME, .value = "x",
	    .action = "pause", .postgresql = 150000, .hot = &need };
	struct harmless		*h;

	(void)state;
	h = written("max_connections = 20\nmax_wal_senders = 11\n", "", &r,
	    dir);
	assert_int_equal(h->n, 2);
	assert_string_equal(h->notes[0].name, "max_connections");
	assert_int_equal(h->notes[0].kind, HARMLESS_RAISED);
	assert_string_equal(h->notes[0].was, "20");
	assert_string_equal(h->notes[0].now, "130 (backup 20261103T000000Z)");
	assert_int_equal(h->notes[1].kind, HARMLESS_PAUSES);
	harmless_free(h);
	/* PostgreSQL's default counts; what cannot be read does not. */
	h = written("max_connections = 0x90\n", "", &r, dir);
	assert_int_equal(h->n, 2);
	assert_string_equal(h->notes[0].name, "max_wal_senders");
	harmless_free(h);
	r.hot = &nothing;
	h = written("max_connections = 20\n", "", &r, dir);
	assert_int_equal(h->n, 1);
	harmless_free(h);
	/* Recovery that serves nobody does not pause. */
	r.hot = &need;
	r.action = "promote";
	h = written("max_connections = 20\n", "", &r, dir);
	assert_int_equal(h->n, 0);
	harmless_free(h);
	/* But it fails where more is prepared than it has room for. */
	r.hot = &prepares;
	h = written("max_connections = 20\n", "", &r, dir);
	assert_int_equal(h->n, 1);
	assert_int_equal(h->notes[0].kind, HARMLESS_RAISED);
	assert_string_equal(h->notes[0].name, "max_prepared_transactions");
	harmless_free(h);
}

/* Without postgresql.conf, or with a link, nothing outside is written. */
static void
test_no_file(void **state)
{
	struct recovery	 r = { .postgresql = 150000, .restore_command = "x" };
	struct harmless	*h = NULL;
	struct err	 e = ERR_INIT;
	size_t		 n;
	char		*text;

	(void)state;
	assert_int_equal(harmless_write(&h, &r, &place, old, &e), 0);
	assert_non_null(note_of(h, HARMLESS_NO_FILE, ""));
	assert_null(h->append);
	harmless_free(h);
	assert_int_equal(unlink(testdir_path("copy/recovery.signal")), 0);
	testdir_text("old/postgresql.conf", "data_directory = '/x'\n");
	assert_int_equal(symlink(testdir_path("old/postgresql.conf"),
	    testdir_path("copy/postgresql.conf")), 0);
	assert_int_equal(harmless_write(&h, &r, &place, old, &e), 0);
	assert_null(h->append);
	harmless_free(h);
	text = testdir_read("old/postgresql.conf", &n);
	assert_string_equal(text, "data_directory = '/x'\n");
	free(text);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_places), T(test_inside), T(test_includes),
		T(test_notes), T(test_raised), T(test_no_file)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
