/* SPDX-License-Identifier: ISC */
/* The places that a restore fills, and its marks there. */
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "datadir/emptydir.h"
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

/* What goes is what PostgreSQL 15 has there, and nobody else clears it. */
static void
test_place_begin(void **state)
{
	const char	*place, *d;
	struct err	 e = ERR_INIT;
	int		 lock = -1, second = -1;

	(void)state;
	testdir_make();
	make_dir("d");
	place = testdir_path("place");
	d = testdir_path("d");
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	make_dir("place/PG_14_202107181");
	make_dir("place/PG_15_202209061");
	make_dir("place/PG_15_202209061/5");
	testdir_text("place/precious", "");
	assert_int_equal(emptydir_place_begin(place, d, 15, &second, &e), -1);
	assert_non_null(strstr(e.msg, "another base-fetch is restoring"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(close(lock), 0);
	assert_int_equal(emptydir_place_begin(place, testdir_path("."), 15,
	    &second, &e), -1);
	assert_non_null(strstr(e.msg, "into another directory than"));
	err_clear(&e);
	assert_true(is_there("place/PG_15_202209061/5"));
	assert_int_equal(emptydir_place_begin(place, d, 15, &lock, &e), 0);
	assert_false(is_there("place/PG_15_202209061"));
	assert_true(is_there("place/PG_14_202107181"));
	assert_true(is_there("place/precious"));
	assert_int_equal(close(lock), 0);
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_place_begin),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
