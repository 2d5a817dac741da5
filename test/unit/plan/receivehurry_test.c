/* SPDX-License-Identifier: ISC */
/* When a server is asked whether it ends, and how long the pauses are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/receivehurry.h"

static void
test_stalled(void **state)
{
	struct receivehurry	 h = { 0 };

	(void)state;
	assert_false(receivehurry_ask(&h, 500, 400, 10000));
	assert_false(receivehurry_ask(&h, 500, 400, 10999));
	assert_true(receivehurry_ask(&h, 500, 400, 11000));
	/* Not again and again: each question costs the server a process. */
	assert_false(receivehurry_ask(&h, 600, 400, 12999));
	assert_true(receivehurry_ask(&h, 600, 400, 13000));
	/* Something was acknowledged. */
	assert_false(receivehurry_ask(&h, 600, 401, 20000));
	assert_false(receivehurry_ask(&h, 600, 401, 20999));
	assert_true(receivehurry_ask(&h, 600, 401, 21000));
}

/* An idle server, whatever it asks for, is no server that ends. */
static void
test_idle(void **state)
{
	struct receivehurry	 h = { 0 };
	int64_t			 now;

	(void)state;
	for (now = 1; now < 100000; now += 500)
		assert_false(receivehurry_ask(&h, 500, 500, now));
	/* A stall begins when something came, not when all was well. */
	assert_false(receivehurry_ask(&h, 501, 500, now));
	assert_false(receivehurry_ask(&h, 501, 500, now + 499));
	assert_true(receivehurry_ask(&h, 501, 500, now + 1000));
}

static void
test_pause(void **state)
{
	(void)state;
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
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_pause)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
