/* SPDX-License-Identifier: ISC */
/* A stream against a file: equal, longer, shorter, other, and no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "check/comparesink.h"
#include "testdir.h"

#define SIZE	200000		/* more than three pieces */

static uint8_t	 data[SIZE + 1];

/* The result of "n" bytes in steps of "step"; "bad" is flipped. */
static int
compare(const char *path, size_t n, size_t step, size_t bad, int *compared,
    struct err *e)
{
	struct sink	*s = NULL;
	size_t		 i, k;
	int		 rc = 0;

	*e = (struct err)ERR_INIT;
	assert_int_equal(comparesink_open(&s, path, compared, e), 0);
	data[bad] ^= 1;
	for (i = 0; rc == 0 && i < n; i += k) {
		k = n - i < step ? n - i : step;
		rc = sink_write(s, data + i, k, e);
	}
	data[bad] ^= 1;
	if (rc == 0)
		rc = sink_finish(s, e);
	sink_free(s);
	return (rc);
}

static void
test_compare(void **state)
{
	const char	*path = testdir_path("segment");
	struct err	 e;
	size_t		 i;
	int		 compared;

	(void)state;
	for (i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	testdir_write("segment", data, SIZE);
	assert_int_equal(compare(path, SIZE, SIZE, SIZE, &compared, &e), 0);
	assert_int_equal(compared, 1);
	assert_int_equal(compare(path, SIZE, 1000, SIZE, &compared, &e), 0);
	assert_int_equal(compare(path, SIZE - 1, SIZE, SIZE, &compared, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(compare(path, SIZE + 1, 999, SIZE, &compared, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	for (i = 0; i < SIZE; i += 9999) {
		assert_int_equal(compare(path, SIZE, 70000, i, &compared, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_non_null(strstr(e.msg, "differs from"));
	}
}

static void
test_nothing_to_compare(void **state)
{
	struct err	 e;
	int		 compared = 7;

	(void)state;
	assert_int_equal(compare(NULL, SIZE, 1000, 5, &compared, &e), 0);
	assert_int_equal(compared, 0);
	assert_int_equal(compare(testdir_path("gone"), SIZE, 1000, 5,
	    &compared, &e), 0);
	assert_int_equal(compared, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_nothing_to_compare)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
