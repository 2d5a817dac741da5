/* SPDX-License-Identifier: ISC */
/* Which files a backup has, in which order; whose pg_control it is. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"
#include "push/clusterfiles.h"
#include "testdir.h"

#define SYSTEM	UINT64_C(7710977495065270389)
#define REDO	UINT64_C(0x10E97F0)
#define START	INT64_C(1700000000000000)

static char	 dir[512];
static char	 notes[512];

static void
note(void *arg, const char *text)
{
	(void)arg;
	(void)snprintf(notes, sizeof(notes), "%s", text);
}

static struct clusterfiles
cluster(void)
{
	return ((struct clusterfiles){ .dir = dir,
	    .tablespace_dir = "PG_15_202209061", .note = note });
}

static int
setup(void **state)
{
	static const char *const	 dirs[] = { "pg", "pg/base",
	    "pg/base/5", "pg/global", "pg/pg_wal",
	    "pg/pg_wal/archive_status", "pg/pg_stat_tmp" };
	char				*p;
	size_t				 i, n;
	struct err			 e = ERR_INIT;

	(void)testdir_setup(state);
	notes[0] = '\0';
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(testdir_path(dirs[i]), 0700), 0);
	assert_int_equal(io_load("test/data/good-pg-control-15",
	    CONTROL_SIZE, &p, &n, &e), 0);
	testdir_write("pg/global/pg_control", p, n);
	free(p);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	return (0);
}

static void
put_socket(const char *path)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	int			 fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	(void)close(fd);
}

static void
test_list(void **state)
{
	static const char *const	 files[] = {
		"pg/PG_VERSION", "pg/base/5/100", "pg/base/5/100.1",
		"pg/base/5/100_fsm", "pg/base/5/200", "pg/base/5/200_fsm",
		"pg/base/5/200_init", "pg/base/5/t3_300",
		"pg/postmaster.pid", "pg/restore-incomplete.seawall",
		"pg/pg_wal/000000010000000000000001",
		"pg/pg_wal/archive_status/x.ready", "pg/pg_stat_tmp/x"
	};
	static const char *const	 want[] = {
		"PG_VERSION", "base", "base/5", "base/5/100",
		"base/5/100.1", "base/5/100_fsm", "base/5/200_init",
		"global", "pg_stat_tmp", "pg_wal", "pg_wal/archive_status"
	};
	struct clusterfiles		 c = cluster();
	struct manifest_entry		 en;
	struct err			 e = ERR_INIT;
	size_t				 i;
	int				 rc;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		testdir_text(files[i], "abc");
	put_socket(testdir_path("pg/base/.s"));
	assert_int_equal(clusterfiles_open(&c, &e), 0);
	for (i = 0; (rc = clusterfiles_next(&c, &en, &e)) == 0; i++) {
		assert_true(i < sizeof(want) / sizeof(want[0]));
		assert_string_equal(en.path, want[i]);
		assert_int_equal(en.size, en.type == MANIFEST_FILE ? 3 : 0);
	}
	assert_int_equal(rc, 1);
	assert_int_equal(i, sizeof(want) / sizeof(want[0]));
	assert_string_equal(notes, "base/.s: socket, left out");
	clusterfiles_free(&c);
}

static void
test_control(void **state)
{
	static const struct {
		uint64_t	 system_id, start;
		int		 rc;
		const char	*text;
	} cases[] = {
		{ SYSTEM, REDO, 0, NULL },
		{ SYSTEM, REDO - 1, 0, NULL },
		{ SYSTEM, REDO + 1, -1, "found its checkpoint at "
		    "0/10E97F0, expected 0/10E97F1" },
		{ SYSTEM + 1, REDO, -1, "found system identifier "
		    "7710977495065270389, expected 7710977495065270390" }
	};
	struct clusterfiles	 c = cluster();
	struct manifest_entry	 en;
	struct control		 ctl;
	struct hotsettings	 hot = { 0 };
	uint8_t			 buf[CONTROL_SIZE];
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&e);
		assert_int_equal(clusterfiles_control(&c, cases[i].system_id,
		    cases[i].start, buf, &en, &hot, &e), cases[i].rc);
		if (cases[i].rc == -1) {
			assert_int_equal(e.kind, ERR_PG);
			assert_non_null(strstr(e.msg, cases[i].text));
			continue;
		}
		assert_string_equal(en.path, "global/pg_control");
		assert_int_equal(control_parse(buf, sizeof(buf), &ctl, &e),
		    0);
		assert_true(ctl.checkpoint == CONTROL_POISON);
		assert_true(hot.known && hot.value[0] == 100);
	}
	err_clear(&e);
	assert_int_equal(clusterfiles_check(&c, SYSTEM, &e), 0);
	assert_int_equal(clusterfiles_check(&c, SYSTEM + 1, &e), -1);
	assert_non_null(strstr(e.msg, "found system identifier"));
	err_clear(&e);
	/* One that is never whole is refused, after a while. */
	testdir_write("pg/global/pg_control", buf, 100);
	assert_int_equal(clusterfiles_control(&c, SYSTEM, REDO, buf, &en, &hot,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
}

/* Some file systems' times count in two seconds: so much before the start. */
static void
test_safe_us(void **state)
{
	static const struct {
		const char	*what;
		int64_t		 start, control, want;
	} c[] = {
		{ "one clock", START, START, START - 2000000 },
		{ "pg_control is newer", START, START + 1, START - 2000000 },
		{ "a clock ahead", START, START + 5000000, START - 2000000 },
		{ "a clock just behind", START, START - 1, START - 2000001 },
		{ "a clock behind", START, START - 5000000,
		    START - 7000000 },
		{ "hours behind", START, START - INT64_C(3600000000),
		    START - INT64_C(3602000000) }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		if (clusterfiles_safe_us(c[i].start, c[i].control) !=
		    c[i].want)
			fail_msg("%s: files count as at rest up to %lld us "
			    "after the start, expected %lld", c[i].what,
			    (long long)(clusterfiles_safe_us(c[i].start,
			    c[i].control) - START),
			    (long long)(c[i].want - START));
}

/* The same of a real pg_control. */
static void
test_safe_time(void **state)
{
	struct clusterfiles	 c = cluster();
	struct timespec		 t[2];
	struct err		 e = ERR_INIT;
	int64_t			 us, behind;

	(void)state;
	for (behind = -5; behind <= 5; behind += 5) {
		t[0].tv_sec = t[1].tv_sec = (time_t)(START / 1000000 -
		    behind);
		t[0].tv_nsec = t[1].tv_nsec = 0;
		assert_int_equal(utimensat(AT_FDCWD,
		    testdir_path("pg/global/pg_control"), t, 0), 0);
		assert_int_equal(clusterfiles_safe_time(&c, START, &us, &e),
		    0);
		assert_true(us == START - 2000000 - (behind > 0 ?
		    behind * 1000000 : 0));
	}
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_list),
		T(test_control),
		T(test_safe_us),
		T(test_safe_time)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
