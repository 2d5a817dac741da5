/* SPDX-License-Identifier: ISC */
/* Paths: which stay inside a directory, joining, and taking apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_inside(void **state)
{
	static const char *const good[] = {
		"a", "a/b", "...", ".a", "..a", "a..", "a/.b/c.", " ", "a b",
		"base/16384/1259_fsm", "\xff"
	};
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/..",
		"../a", "a/../b", "a/./b", "//", "/..", "a/b/.."
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < N(good); i++)
		assert_true(path_is_inside(good[i]));
	for (i = 0; i < N(bad); i++)
		assert_false(path_is_inside(bad[i]));
}

static void
test_base(void **state)
{
	(void)state;
	assert_string_equal(path_base("a/b/c"), "c");
	assert_string_equal(path_base("c"), "c");
	assert_string_equal(path_base("/c"), "c");
	assert_string_equal(path_base("a/"), "");
	assert_string_equal(path_base(""), "");
}

static void
test_dir(void **state)
{
	static const char *const rows[][2] = {
		{ "a/b/c", "a/b" }, { "c", "." }, { "/c", "/" },
		{ "/a/c", "/a" }, { "", "." }, { "./c", "." }
	};
	struct err	 e = ERR_INIT;
	char		 buf[8];
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(path_dir(buf, sizeof(buf), rows[i][0], &e),
		    0);
		assert_string_equal(buf, rows[i][1]);
	}
	assert_int_equal(path_dir(buf, sizeof(buf), "1234567/x", &e), 0);
	assert_int_equal(path_dir(buf, sizeof(buf), "12345678/x", &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

static void
test_join(void **state)
{
	struct err	 e = ERR_INIT;
	char		 buf[8];

	(void)state;
	assert_int_equal(path_join(buf, sizeof(buf), "abc", "def", &e), 0);
	assert_string_equal(buf, "abc/def");
	assert_int_equal(path_join(buf, sizeof(buf), "abc", "defg", &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_dir),
		cmocka_unit_test(test_join)
	};

	return (cmocka_run_group_tests_name("path", tests, NULL, NULL));
}
