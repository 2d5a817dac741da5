/* SPDX-License-Identifier: ISC */
/* One descriptor for each file system, and failures that are reported. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/syncset.h"
#include "testdir.h"

static void
add(struct syncset *s, const char *dir, size_t n)
{
	struct err	 e = ERR_INIT;

	if (syncset_add(s, dir, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(s->n, n);
}

static void
test_each_once(void **state)
{
	struct syncset	 s = { .n = 0 };
	struct err	 e = ERR_INIT;

	(void)state;
	testdir_make();
	assert_int_equal(mkdir(testdir_path("a"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("b"), 0700), 0);
	add(&s, testdir_path("a"), 1);
	add(&s, testdir_path("b"), 1);
	add(&s, "/proc", 2);
	add(&s, testdir_path("."), 2);
	testdir_text("a/file", "text");
	assert_int_equal(syncset_sync(&s, "dir", &e), 0);
	syncset_close(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(syncset_sync(&s, "dir", &e), 0);
	testdir_remove();
}

static void
test_failures(void **state)
{
	struct syncset	 s = { .n = 0 };
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	testdir_make();
	assert_int_equal(syncset_add(&s, testdir_path("none"), &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "open directory "));
	err_clear(&e);
	assert_int_equal(syncset_add_fd(&s, -1, "none", &e), -1);
	assert_non_null(strstr(e.msg, "stat none"));
	err_clear(&e);
	assert_int_equal(s.n, 0);

	/* What syncfs() says is passed on, here of no open file. */
	add(&s, testdir_path("."), 1);
	assert_int_equal(close(s.fd[0]), 0);
	assert_int_equal(syncset_sync(&s, "/the/dir", &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "sync the files of /the/dir: "));
	err_clear(&e);

	for (i = 0; i < SYNCSET_MAX; i++)
		s.dev[i] = 0;
	s.n = SYNCSET_MAX;
	assert_int_equal(syncset_add(&s, testdir_path("."), &e), -1);
	assert_non_null(strstr(e.msg, "at most 128 file systems"));
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_failures),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
