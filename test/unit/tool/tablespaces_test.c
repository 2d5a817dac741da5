/* SPDX-License-Identifier: ISC */
/* --tablespace NAME:DIR */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tool/tablespaces.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_good(void **state)
{
	const char		*values[] = { "fast:/ssd/1", "a:b:/c", "x:/" };
	const struct opt_list	 list = { values, N(values) };
	struct tablespaces	 t;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(tablespaces_parse(&t, &list, &e), 0);
	assert_int_equal(t.n, 3);
	assert_string_equal(t.v[0].name, "fast");
	assert_string_equal(t.v[0].dir, "/ssd/1");
	assert_string_equal(t.v[1].name, "a:b");
	assert_string_equal(t.v[1].dir, "/c");
	assert_string_equal(t.v[2].dir, "/");
	tablespaces_fini(&t);
	tablespaces_fini(&t);		/* twice does no harm */
}

static void
test_bad(void **state)
{
	static const struct {
		const char	*values[2];
		size_t		 n;
		const char	*msg;
	} rows[] = {
		{ { "fast" }, 1, "--tablespace: found \"fast\", expected "
		    "NAME:/DIRECTORY" },
		{ { ":/d" }, 1, "--tablespace: found \":/d\", expected "
		    "NAME:/DIRECTORY" },
		{ { "a:d" }, 1, "--tablespace: found \"a:d\", expected "
		    "NAME:/DIRECTORY" },
		{ { "a:/d", "a:/e" }, 2, "--tablespace: \"a:/e\" names a "
		    "tablespace or a directory a second time" },
		{ { "a:/d", "b:/d" }, 2, "--tablespace: \"b:/d\" names a "
		    "tablespace or a directory a second time" }
	};
	const char		*values[2];
	const struct opt_list	 none = { NULL, 0 };
	struct opt_list		 list = { values, 0 };
	struct tablespaces	 t;
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		e = (struct err)ERR_INIT;
		values[0] = rows[i].values[0];
		values[1] = rows[i].values[1];
		list.n = rows[i].n;
		assert_int_equal(tablespaces_parse(&t, &list, &e), -1);
		assert_string_equal(e.msg, rows[i].msg);
		assert_int_equal(e.kind, ERR_USAGE);
		tablespaces_fini(&t);
	}
	assert_int_equal(tablespaces_parse(&t, &none, &e), 0);
	assert_int_equal(t.n, 0);
	tablespaces_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad)
	};

	return (cmocka_run_group_tests_name("tablespaces", tests, NULL,
	    NULL));
}
