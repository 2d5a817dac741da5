/* SPDX-License-Identifier: ISC */
/* Small files of JSON: whole, missing, or refused with their path. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/jvalfile.h"
#include "testdir.h"

static void
test_round(void **state)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;
	struct stat	 st;
	uint64_t	 v = 0;

	(void)state;
	assert_int_equal(jval_object(&j, &e), 0);
	assert_int_equal(jval_set_u64(j, "version", 3, &e), 0);
	assert_int_equal(jval_set_u64(j, "x", 7, &e), 0);
	assert_int_equal(jvalfile_save(j, testdir_path("a/b/file"), &e), 0);
	jval_free(j);
	assert_int_equal(stat(testdir_path("a/b/file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(testdir_path("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(jvalfile_load(&j, testdir_path("a/b/file"), 3, &e), 0);
	assert_int_equal(jval_get_u64(j, "x", &v, &e), 0);
	assert_int_equal(v, 7);
	jval_free(j);
	assert_int_equal(jvalfile_load(&j, testdir_path("none"), 3, &e), 1);
}

static void
refused(const char *text, const char *why)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;

	testdir_text("file", text);
	assert_int_equal(jvalfile_load(&j, testdir_path("file"), 3, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "/file: "));
	assert_non_null(strstr(e.msg, why));
	assert_null(j);
}

static void
test_refused(void **state)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	refused("", "");
	refused("{\"version\": 3", "");
	refused("[3]", "");
	refused("{\"x\": 3}", "version");
	refused("{\"version\": 4}", "version: found another than 3");
	assert_int_equal(jval_object(&j, &e), 0);
	testdir_text("plain", "x");
	assert_int_equal(jvalfile_save(j, testdir_path("plain/file"), &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	jval_free(j);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_round, testdir_setup,
		    testdir_teardown),
		cmocka_unit_test_setup_teardown(test_refused, testdir_setup,
		    testdir_teardown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
