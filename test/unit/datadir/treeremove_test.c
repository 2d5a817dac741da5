/* SPDX-License-Identifier: ISC */
/* What is removed in a tree, and what is not. */
#include <sys/stat.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/treeremove.h"
#include "testdir.h"

#define NOBODY	65534

static void
make_dir(const char *name)
{
	assert_int_equal(mkdir(testdir_path(name), 0700), 0);
}

static int
is_there(const char *name)
{
	struct stat	 st;

	return (lstat(testdir_path(name), &st) == 0);
}

static void
build(struct tree **t)
{
	struct err	 e = ERR_INIT;

	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	testdir_text("d/a/b/1", "");
	make_dir("far");
	testdir_text("far/kept", "");
	assert_int_equal(symlink(testdir_path("far"), testdir_path("d/l")), 0);
	assert_int_equal(symlink("../..", testdir_path("d/a/up")), 0);
	assert_int_equal(tree_open(t, testdir_path("d"), &e), 0);
}

/* Links go, and what they lead to stays. */
static void
test_remove(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	uint64_t	 n = 0;

	(void)state;
	build(&t);
	assert_int_equal(treeremove(t, "a/up/far/kept", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	err_clear(&e);
	assert_int_equal(treeremove(t, "nothing", &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(treeremove_check(t, "a", &e), 0);
	assert_int_equal(treeremove_check(t, "l", &e), 0);
	assert_true(is_there("d/a/b/1") && is_there("d/l"));
	assert_int_equal(treeremove(t, "l", &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(treeremove(t, "a", &n, &e), 0);
	assert_int_equal(n, 5);
	assert_true(is_there("far/kept") && !is_there("d/a"));
	tree_free(t);
	testdir_remove();
}

/* What it fails at is named whole, from the data directory on. */
static void
test_refused(void **state)
{
	static const char *const dirs[] = { "d", "d/a", "d/a/b" };
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	build(&t);
	/* A mode keeps root from nothing: be nobody for a while. */
	if (geteuid() == 0) {
		for (i = 0; i < 3; i++)
			assert_int_equal(chown(testdir_path(dirs[i]), NOBODY,
			    NOBODY), 0);
		assert_int_equal(chmod(testdir_path("."), 0755), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	assert_int_equal(chmod(testdir_path("d/a/b"), 0500), 0);
	assert_int_equal(treeremove_check(t, "a", &e), -1);
	assert_non_null(strstr(e.msg, "/d/a/b"));
	err_clear(&e);
	assert_int_equal(treeremove(t, "a", NULL, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	if (strstr(e.msg, "/d/a/b/1") == NULL)
		fail_msg("%s", e.msg);
	assert_int_equal(chmod(testdir_path("d/a/b"), 0700), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	tree_free(t);
	testdir_remove();
}

static void
test_all(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	uint64_t	 n = 0;
	int		 fd;

	(void)state;
	build(&t);
	testdir_text("d/mark", "");
	assert_int_equal(tree_enter(t, "", &fd, &e), 0);
	assert_int_equal(treeremove_all(fd, "d", "mark", &n, &e), 0);
	assert_int_equal(n, 5);
	assert_true(is_there("d/mark") && !is_there("d/a"));
	assert_true(is_there("far/kept"));
	tree_free(t);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
