/* SPDX-License-Identifier: ISC */
/* What was told is remembered, and a file that is none is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "check/checklist.h"
#include "testdir.h"
#include "tool/notified.h"

static void
test_remembers(void **state)
{
	struct notice_memory	 m = { .told_us = 1800000000000000 }, back;
	struct err		 e = ERR_INIT;

	(void)state;
	m.check[CHECKLIST_ARCHIVER] = HEALTH_CRITICAL;
	m.check[CHECKLIST_GAPS] = HEALTH_WARNING;
	m.check[CHECKLIST_DEEP] = HEALTH_OK;
	assert_int_equal(notified_save(&m, testdir_path("main/notified"),
	    &e), 0);
	notified_load(&back, testdir_path("main/notified"));
	assert_memory_equal(&m, &back, sizeof(m));
	m.check[CHECKLIST_GAPS] = HEALTH_OK;
	assert_int_equal(notified_save(&m, testdir_path("main/notified"),
	    &e), 0);
	notified_load(&back, testdir_path("main/notified"));
	assert_memory_equal(&m, &back, sizeof(m));
}

static void
test_forgets(void **state)
{
	static const char *const	 t[] = {
		"", "{", "[]", "{\"version\":1}",
		"{\"version\":2,\"told_us\":5,\"checks\":[]}",
		"{\"version\":1,\"told_us\":5,\"checks\":[7]}",
		("{\"version\":1,\"told_us\":5,\"checks\":[{\"check\":"
		"\"gaps\",\"status\":\"ok\"},{}]}")
	};
	struct notice_memory		 m, empty;
	size_t				 i;

	(void)state;
	memset(&empty, 0, sizeof(empty));
	empty.told_us = NOTICE_NEVER;
	notified_load(&m, testdir_path("nothing"));
	assert_memory_equal(&m, &empty, sizeof(m));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		testdir_text("bad", t[i]);
		notified_load(&m, testdir_path("bad"));
		assert_memory_equal(&m, &empty, sizeof(m));
	}
	/* A check that is not known here is passed over. */
	testdir_text("other", "{\"version\":1,\"told_us\":5,\"checks\":["
	    "{\"check\":\"comet\",\"status\":\"critical\"},"
	    "{\"check\":\"gaps\",\"status\":\"warning\"}]}");
	notified_load(&m, testdir_path("other"));
	assert_int_equal(m.told_us, 5);
	assert_int_equal(m.check[CHECKLIST_GAPS], HEALTH_WARNING);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_remembers),
		cmocka_unit_test(test_forgets)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
