/* SPDX-License-Identifier: ISC */
/* Paths in a tree, and the directories that they lead to. */
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

/* A path never leads through a link. */
static void
test_links(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	const char	*name;
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
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(tree_parent(t, "a/b/1", &fd, &name, &e), 0);
	assert_string_equal(name, "1");
	assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
	assert_int_equal(tree_parent(t, "l/kept", &fd, &name, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "open directory "));
	err_clear(&e);
	assert_int_equal(tree_enter(t, "l", &fd, &e), -1);
	tree_free(t);
	testdir_remove();
}

/* A tablespace is where it is mounted, not where its link leads. */
static void
test_mount(void **state)
{
	struct tree	*t = NULL;
	struct err	 e = ERR_INIT;
	const char	*name;
	int		 fd;

	(void)state;
	testdir_make();
	make_dir("d");
	make_dir("d/pg_tblspc");
	make_dir("place");
	make_dir("far");
	testdir_text("place/1", "");
	assert_int_equal(symlink(testdir_path("far"),
	    testdir_path("d/pg_tblspc/5")), 0);
	assert_int_equal(tree_open(&t, testdir_path("d"), &e), 0);
	assert_int_equal(tree_mount(t, 5, testdir_path("place"), &e), 0);
	assert_int_equal(tree_parent(t, "pg_tblspc/5/1", &fd, &name, &e), 0);
	assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
	assert_false(tree_is_mount(t, "pg_tblspc/5"));
	assert_int_equal(unlink(testdir_path("d/pg_tblspc/5")), 0);
	assert_int_equal(symlink(testdir_path("place"),
	    testdir_path("d/pg_tblspc/5")), 0);
	assert_true(tree_is_mount(t, "pg_tblspc/5"));
	assert_false(tree_is_mount(t, "pg_tblspc"));
	/* Another number that begins with these digits is no part of it. */
	assert_int_equal(tree_enter(t, "pg_tblspc/51", &fd, &e), -1);
	tree_free(t);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_mount),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
