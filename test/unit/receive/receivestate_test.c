/* SPDX-License-Identifier: ISC */
/* What a host remembers of a slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "receive/receivestate.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_kept(void **state)
{
	struct receivestate	 s = { UINT64_C(7300000000000000001), 3,
				    UINT64_C(0x12ABCDEF8) }, t;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "a",
	    &e), 1);
	assert_int_equal(t.system_id, 0);
	assert_int_equal(receivestate_save(&s, testdir_path("."), "main", "a",
	    &e), 0);
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "a",
	    &e), 0);
	assert_true(t.system_id == s.system_id && t.tli == 3 &&
	    t.lsn == s.lsn);
	assert_int_equal(receivestate_forget(testdir_path("."), "main", "b",
	    &e), 0);
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "a",
	    &e), 0);
	assert_int_equal(receivestate_forget(testdir_path("."), "main", "a",
	    &e), 0);
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "a",
	    &e), 1);
	/* Another slot is another matter. */
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "b",
	    &e), 1);
}

static void
test_damaged(void **state)
{
	static const char *const bad[] = {
		"", "\n", "7300000000000000001\n", "7300000000000000001 3\n",
		"7300000000000000001 3 \n", "0 3 1/2\n", "x 3 1/2\n",
		"7300000000000000001 -1 1/2\n",
		"7300000000000000001 4294967296 1/2\n",
		"7300000000000000001 3 1/2 4\n", "7300000000000000001 3 12\n"
	};
	struct receivestate	 t;
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		(void)mkdir(testdir_path("main"), 0700);
		testdir_text("main/received-c", bad[i]);
		e = (struct err)ERR_INIT;
		print_message("%s", bad[i]);
		assert_int_equal(receivestate_load(&t, testdir_path("."),
		    "main", "c", &e), -1);
		assert_int_equal(e.kind, ERR_LOCAL);
		assert_int_equal(t.tli, 0);
	}
	testdir_write("main/received-c", "7300000000000000001 3 1/2\n\0x", 28);
	e = (struct err)ERR_INIT;
	assert_int_equal(receivestate_load(&t, testdir_path("."), "main", "c",
	    &e), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_damaged)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
