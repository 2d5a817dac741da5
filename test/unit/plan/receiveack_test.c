/* SPDX-License-Identifier: ISC */
/* What may be acknowledged: never more than is durable and can be completed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/receiveack.h"

#define SEG	1000

static void
test_within(void **state)
{
	struct receiveack	 a = { .segsize = SEG, .named = 5 * SEG };

	(void)state;
	assert_int_equal(receiveack_lsn(&a), 5000);
	receiveack_open(&a, 5000, 5000);
	assert_int_equal(receiveack_lsn(&a), 5000);
	receiveack_open(&a, 5000, 5400);
	assert_int_equal(receiveack_lsn(&a), 5400);
	receiveack_open(&a, 5000, 5300);
	assert_int_equal(receiveack_lsn(&a), 5400);
}

static void
test_end(void **state)
{
	struct receiveack	 a = { .segsize = SEG, .named = 5 * SEG };

	(void)state;
	/* The last byte's end only with the name. */
	receiveack_open(&a, 5000, 6000);
	assert_int_equal(receiveack_lsn(&a), 5999);
	receiveack_named(&a, 5000);
	assert_int_equal(receiveack_lsn(&a), 6000);
	receiveack_open(&a, 6000, 6500);
	assert_int_equal(receiveack_lsn(&a), 6500);
	receiveack_named(&a, 6000);
	assert_int_equal(receiveack_lsn(&a), 7000);
}

/* A later segment is worth nothing while one before it has no name. */
static void
test_order(void **state)
{
	struct receiveack	 a = { .segsize = SEG, .named = 5 * SEG };

	(void)state;
	assert_true(receiveack_may_open(&a, 5000));
	assert_false(receiveack_may_open(&a, 6000));
	receiveack_named(&a, 6000);
	assert_int_equal(receiveack_lsn(&a), 5000);
	receiveack_open(&a, 6000, 6300);
	assert_int_equal(receiveack_lsn(&a), 5000);
	receiveack_open(&a, 7000, 7200);
	assert_int_equal(receiveack_lsn(&a), 5000);
	receiveack_named(&a, 5000);
	assert_true(receiveack_may_open(&a, 6000));
	assert_int_equal(receiveack_lsn(&a), 6000);
	receiveack_open(&a, 6000, 6300);
	assert_int_equal(receiveack_lsn(&a), 6300);
}

/* The slot is not taken back to WAL of which nothing has come. */
static void
test_status(void **state)
{
	struct receiveack	 a = { .segsize = SEG, .named = 5 * SEG };

	(void)state;
	assert_int_equal(receiveack_status(&a, 7300, 0), 0);
	assert_int_equal(receiveack_status(&a, 5001, 0), 0);
	assert_int_equal(receiveack_status(&a, 5000, 0), 5000);
	assert_int_equal(receiveack_status(&a, 4000, 0), 5000);
	assert_int_equal(receiveack_status(&a, 7300, 1), 5000);
	receiveack_open(&a, 5000, 5400);
	assert_int_equal(receiveack_status(&a, 7300, 1), 5400);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_status)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
