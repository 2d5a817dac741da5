/* SPDX-License-Identifier: ISC */
/* When a server is let go, and when it is asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/receivehurry.h"

static void
test_shutdown(void **state)
{
	struct receivehurry	 h = { 0 };
	int64_t			 now;

	(void)state;
	for (now = 1000; now < 3000; now += 100) {
		receivehurry_asked(&h, 77, now);
		assert_false(receivehurry_leave(&h, 77, now));
	}
	receivehurry_asked(&h, 77, now);
	assert_true(receivehurry_leave(&h, 77, now));
	/* The repository answers at last. */
	assert_false(receivehurry_leave(&h, 78, now));
	receivehurry_asked(&h, 78, now);
	assert_false(receivehurry_leave(&h, 78, now));
}

static void
test_ordinary(void **state)
{
	struct receivehurry	 h = { 0 };
	int64_t			 now;

	(void)state;
	/* wal_sender_timeout / 2 apart, however small that is. */
	for (now = 0; now < 600000; now += 1500) {
		receivehurry_asked(&h, 77, now);
		assert_false(receivehurry_leave(&h, 77, now));
	}
	assert_false(receivehurry_leave(&h, 77, now + 60000));
}

static void
test_pause(void **state)
{
	(void)state;
	assert_int_equal(receivehurry_pause(0), 0);
	assert_int_equal(receivehurry_pause(1), 1000);
	assert_int_equal(receivehurry_pause(2), 2000);
	assert_int_equal(receivehurry_pause(5), 16000);
	assert_int_equal(receivehurry_pause(6), 30000);
	assert_int_equal(receivehurry_pause(4000000000), 30000);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_pause)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
