/* SPDX-License-Identifier: ISC */
/* A directory's names: their order, their kinds, what is passed over. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/dirnames.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char		*name;
	enum dirnames_kind	 kind;
} sorted[] = {
	{ "a", DIRNAMES_DIR },
	{ "a-", DIRNAMES_FILE },
	{ "a.b", DIRNAMES_FILE },
	{ "a/", DIRNAMES_INTO },
	{ "a0", DIRNAMES_FILE },
	{ "dead", DIRNAMES_LINK_DEAD },
	{ "l", DIRNAMES_LINK_DIR },
	{ "l/", DIRNAMES_LINK_INTO },
	{ "lf", DIRNAMES_LINK_FILE },
	{ "pipe", DIRNAMES_PIPE }
};

static void
build(struct dirnames *d)
{
	struct err	 e = ERR_INIT;
	int		 fd;

	testdir_make();
	testdir_text("a0", "");
	testdir_text("a.b", "");
	testdir_text("a-", "");
	assert_int_equal(mkdir(testdir_path("a"), 0700), 0);
	assert_int_equal(symlink("a", testdir_path("l")), 0);
	assert_int_equal(symlink("a0", testdir_path("lf")), 0);
	assert_int_equal(symlink("none", testdir_path("dead")), 0);
	assert_int_equal(mkfifo(testdir_path("pipe"), 0600), 0);
	memset(d, 0, sizeof(*d));
	fd = open(testdir_path(""), O_RDONLY | O_DIRECTORY);
	if (dirnames_read(d, fd, "dir", &e))
		fail_msg("%s", e.msg);
	assert_int_equal(close(fd), 0);		/* it was left open */
}

static void
test_order(void **state)
{
	struct dirnames	 d;
	size_t		 i;

	(void)state;
	build(&d);
	assert_int_equal(d.n, LEN(sorted));
	for (i = 0; i < d.n; i++) {
		assert_string_equal(dirnames_at(&d, i), sorted[i].name);
		assert_int_equal(dirnames_kind(&d, i), sorted[i].kind);
	}
	assert_true(dirnames_has(&d, "a") && dirnames_has(&d, "pipe"));
	assert_false(dirnames_has(&d, "b") || dirnames_has(&d, ""));
	dirnames_free(&d);
	testdir_remove();
}

static void
test_forget(void **state)
{
	struct dirnames	 d;

	(void)state;
	build(&d);
	dirnames_forget(&d, 0);
	assert_int_equal(dirnames_kind(&d, 0), DIRNAMES_DIR);
	assert_int_equal(dirnames_kind(&d, 3), DIRNAMES_GONE);
	assert_int_equal(dirnames_kind(&d, 7), DIRNAMES_LINK_INTO);
	assert_true(dirnames_has(&d, "a/"));
	dirnames_free(&d);
	testdir_remove();
}

/* Many names, so that both of its blocks grow. */
static void
test_many(void **state)
{
	struct dirnames	 d = { .n = 0 };
	struct err	 e = ERR_INIT;
	char		 name[32];
	size_t		 i;
	int		 fd;

	(void)state;
	testdir_make();
	for (i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "%zu", 7919 * i);
		testdir_text(name, "");
	}
	fd = open(testdir_path(""), O_RDONLY | O_DIRECTORY);
	assert_int_equal(dirnames_read(&d, fd, "dir", &e), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(d.n, 1000);
	for (i = 1; i < d.n; i++)
		assert_true(strcmp(dirnames_at(&d, i - 1),
		    dirnames_at(&d, i)) < 0);
	dirnames_free(&d);
	testdir_remove();
}

static void
test_only(void **state)
{
	struct dirnames	 d = { .n = 0 };
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(dirnames_only(&d, "PG_15_1", &e), 0);
	assert_int_equal(d.n, 2);
	assert_string_equal(dirnames_at(&d, 0), "PG_15_1");
	assert_string_equal(dirnames_at(&d, 1), "PG_15_1/");
	assert_int_equal(dirnames_kind(&d, 1), DIRNAMES_INTO);
	dirnames_free(&d);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_only),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
