/* SPDX-License-Identifier: ISC */
/* Paths in a tree, and what is removed there. */
#include <sys/stat.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/tree.h"
#include "testdir.h"

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

/* A path never leads through a link. */
static void
test_tree(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	const char	*name;
	uint64_t	 n = 0;
	int		 fd;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/a");
	make_dir("d/a/b");
	testdir_text("d/a/b/1", "");
	make_dir("far");
	testdir_text("far/kept", "");
	assert_int_equal(symlink(testdir_path("far"), testdir_path("d/l")), 0);
	assert_int_equal(symlink("../..", testdir_path("d/a/up")), 0);
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(tree_parent(t, "a/b/1", &fd, &name, &e), 0);
	assert_string_equal(name, "1");
	assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
	assert_int_equal(tree_parent(t, "l/kept", &fd, &name, &e), -1);
	assert_non_null(strstr(e.msg, "open directory "));
	err_clear(&e);
	assert_int_equal(tree_remove(t, "a/up/far/kept", NULL, &e), -1);
	err_clear(&e);
	assert_int_equal(tree_remove(t, "nothing", &n, &e), 0);
	assert_int_equal(tree_remove(t, "l", &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(tree_remove(t, "a", &n, &e), 0);
	assert_int_equal(n, 5);
	assert_true(is_there("far/kept") && !is_there("d/a"));
	tree_free(t);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_tree),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
