/* SPDX-License-Identifier: ISC */
/* What waits to be archived, in PostgreSQL's order. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pusher/ready.h"

#include "testdir.h"

static void
touch(const char *entry)
{
	char	 path[256];

	(void)snprintf(path, sizeof(path), "d/pg_wal/archive_status/%s",
	    entry);
	testdir_text(path, "");
}

static void
gone(const char *entry)
{
	char	 path[256];

	(void)snprintf(path, sizeof(path), "d/pg_wal/archive_status/%s",
	    entry);
	assert_int_equal(unlink(testdir_path(path)), 0);
}

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	if (mkdir(testdir_path("d"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal/archive_status"), 0700) == -1)
		return (-1);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

static struct ready
list(void)
{
	struct ready	 r;
	struct err	 e = ERR_INIT;

	if (ready_list(&r, testdir_path("d"), &e))
		fail_msg("%s", e.msg);
	return (r);
}

static void
empty(void **state)
{
	struct ready	 r = list();

	(void)state;
	assert_int_equal(r.n, 0);
	assert_int_equal(r.waiting, 0);
}

static void
order(void **state)
{
	static const char *const names[] = {
		"00000002.history", "0000000A.history",
		"000000010000000000000005",
		"000000010000000000000005.00000028.backup",
		"000000010000000000000005.partial",
		"0000000100000000000000FF", "000000010000000100000000",
		"000000020000000000000001",
	};
	static const char *const others[] = {
		"000000010000000000000001.done", "x.ready", ".ready",
		"000000010000000000000001", "00000000.history.ready",
		"000000010000000000000001.ready.ready",
		"00000001000000000000000a.ready",
		"0000000100000000000000010.ready",
		"000000010000000000000001.00000028.backup.partial.ready",
		"0000000100000000000000010000000000000000000000000000.ready",
	};
	struct ready	 r;
	char		 entry[128];
	size_t		 i, n = sizeof(names) / sizeof(names[0]);

	(void)state;
	for (i = 0; i < n; i++) {		/* in another order */
		(void)snprintf(entry, sizeof(entry), "%s.ready",
		    names[(i * 5 + 3) % n]);
		touch(entry);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		touch(others[i]);
	r = list();
	assert_int_equal(r.n, n);
	assert_int_equal(r.waiting, n);
	for (i = 0; i < n; i++)
		assert_string_equal(r.name[i], names[i]);
}

static void
many(void **state)
{
	struct ready	 r;
	char		 entry[64];
	unsigned	 i, k;

	(void)state;
	for (i = 0; i < 10000; i++) {
		k = (i * 7919) % 10000;		/* each once, mixed */
		(void)snprintf(entry, sizeof(entry),
		    "00000001%08X%08X.ready", k / 256, k % 256);
		touch(entry);
	}
	touch("00000007.history.ready");
	r = list();
	assert_int_equal(r.n, READY_MAX);
	assert_int_equal(r.waiting, 10001);
	assert_string_equal(r.name[0], "00000007.history");
	for (i = 1; i < READY_MAX; i++) {
		(void)snprintf(entry, sizeof(entry), "00000001%08X%08X",
		    (i - 1) / 256, (i - 1) % 256);
		assert_string_equal(r.name[i], entry);
	}
}

static void
still(void **state)
{
	const char	*d = testdir_path("d");

	(void)state;
	touch("000000010000000000000001.ready");
	assert_int_equal(ready_still(d, "000000010000000000000001"), 1);
	assert_int_equal(ready_still(d, "000000010000000000000002"), 0);
	gone("000000010000000000000001.ready");
	touch("000000010000000000000001.done");
	assert_int_equal(ready_still(d, "000000010000000000000001"), 0);
}

static void
failures(void **state)
{
	struct ready	 r;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(ready_list(&r, testdir_path("none"), &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg,
	    "none/pg_wal/archive_status: No such file or directory"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(empty, setup, teardown),
		cmocka_unit_test_setup_teardown(order, setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
		cmocka_unit_test_setup_teardown(still, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
