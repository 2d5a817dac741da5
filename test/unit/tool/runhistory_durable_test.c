/* SPDX-License-Identifier: ISC */
/* The history of runs after a power cut: what was added is there. */
#include "disk/recording.h"
#include "tool/runhistory.h"

static char	 filler[RUNHISTORY_MOST];

static int
add(int64_t second, struct err *e)
{
	struct runrecord	 r;

	runrecord_begin(&r, "base-push", "main");
	r.begin_us = second * 1000000;
	r.status = 0;
	return (runhistory_add(testdir_path("s"), &r, e));
}

/* At least so many as were acknowledged, the last of them too. */
static void
check(unsigned marks, void *arg)
{
	struct runrecord	*all;
	struct err		 e = ERR_INIT;
	size_t			 n;

	(void)arg;
	recording_expect(runhistory_load(&all, &n, testdir_path("s"), "main",
	    &e) == 0, "a history");
	recording_expect(n >= marks, "all that was added");
	free(all);
	recording_expect(add(99, &e) == 0, "that more can be added");
	recording_expect(runhistory_load(&all, &n, testdir_path("s"), "main",
	    &e) == 0 && n > marks, "that it is there");
	free(all);
}

static void
test_cut(void **state)
{
	struct err	 e = ERR_INIT;
	int64_t		 i;

	(void)state;
	recording_clean("s");
	recording_begin("s", NULL);
	for (i = 1; i <= 3; i++) {
		assert_int_equal(add(i, &e), 0);
		recording_mark();
	}
	assert_true(recording_each(check, NULL) > 3);
}

/* While the older half is dropped. */
static void
test_cut_trim(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	recording_clean("s");
	assert_int_equal(mkdir(testdir_path("s/main"), 0700), 0);
	memset(filler, '\n', sizeof(filler));
	testdir_write("s/main/history", filler, sizeof(filler) - 10);
	recording_begin("s", NULL);
	assert_int_equal(add(1, &e), 0);
	recording_mark();
	assert_true(recording_each(check, NULL) > 1);
}

/* Each call that fails is reported. */
static void
test_fails(void **state)
{
	struct err	 e;
	unsigned	 k = 0;
	int		 rc;

	(void)state;
	do {
		recording_clean("s");
		assert_int_equal(mkdir(testdir_path("s/main"), 0700), 0);
		testdir_write("s/main/history", filler, sizeof(filler) - 10);
		e = (struct err)ERR_INIT;
		(void)diskcalls_fail("slrw", ++k);
		rc = add(1, &e);
	} while (recording_failed(k, rc, &e));
	assert_true(k > 3);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_trim),
		cmocka_unit_test(test_fails)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
