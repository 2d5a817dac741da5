/* SPDX-License-Identifier: ISC */
/* The memory of which tables had rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/rowsfile.h"
#include "testdir.h"

static void
save(uint64_t system_id, uint64_t lsn, const char *table)
{
	struct err	 e = ERR_INIT;

	if (rowsfile_save(&table, 1, testdir_path("state"), "main", system_id,
	    lsn, &e))
		fail_msg("%s", e.msg);
}

/* The LSN of what is compared at "lsn"; 0: there is none. */
static uint64_t
at(uint64_t system_id, uint64_t lsn)
{
	struct err	 e = ERR_INIT;
	struct rowsfile	 r;
	uint64_t	 was;
	int		 rc = rowsfile_load(&r, testdir_path("state"), "main",
	    system_id, lsn, &e);

	if (rc == -1)
		fail_msg("%s", e.msg);
	if (rc == 1)
		return (0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.table[0], "a.b.c");
	was = r.lsn;
	rowsfile_free(&r);
	return (was);
}

static void
test_furthest(void **state)
{
	uint64_t	 i;

	(void)state;
	assert_int_equal(at(1, UINT64_MAX), 0);
	for (i = 1; i <= ROWSFILE_KEPT + 2; i++)
		save(1, i * 100, "a.b.c");
	assert_int_equal(at(1, UINT64_MAX), 1000);
	/* The same drill compares with what came before it. */
	assert_int_equal(at(1, 1000), 900);
	assert_int_equal(at(1, 1001), 1000);
	/* The two that got least far are gone. */
	assert_int_equal(at(1, 301), 300);
	assert_int_equal(at(1, 300), 0);
	assert_int_equal(at(2, UINT64_MAX), 0);
	save(2, 5, "a.b.c");
	assert_int_equal(at(2, 6), 5);
	assert_int_equal(at(1, UINT64_MAX), 0);
}

static void
test_wrong(void **state)
{
	struct err	 e = ERR_INIT;
	struct rowsfile	 r;
	FILE		*f;

	(void)state;
	save(3, 5, "a.b.c");
	if ((f = fopen(testdir_path("state/main/rows/3-5"), "w")) == NULL)
		fail_msg("fopen");
	(void)fputs("another file\n", f);
	(void)fclose(f);
	assert_int_equal(rowsfile_load(&r, testdir_path("state"), "main", 3,
	    6, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "is no list of tables"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_furthest),
		cmocka_unit_test(test_wrong)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
