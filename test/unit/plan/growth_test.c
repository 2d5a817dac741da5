/* SPDX-License-Identifier: ISC */
/* Repositories that grow, that are filled, and that grow nevertheless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/growth.h"

#define NOW	INT64_C(1800000000000000)
#define DAY	INT64_C(86400000000)
#define MANY	200

static struct growth_backup	 b[MANY];

/* "n" backups a day apart; each stored "each", but the oldest 1000. */
static struct growth
daily(size_t n, uint64_t each)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		b[i] = (struct growth_backup){
			NOW - DAY * (int64_t)(n - i), i == 0 ? 1000 : each };
	return ((struct growth){ .v = b, .n = n, .now_us = NOW,
	    .free = 1000 });
}

static uint64_t
days(const struct growth *g)
{
	uint64_t	 d = 77;

	assert_int_equal(growth_days(g, &d), 1);
	return (d);
}

static void
test_unknown(void **state)
{
	struct growth	 g = daily(4, 10);
	uint64_t	 d = 77;
	size_t		 i;

	(void)state;
	assert_int_equal(growth_days(&g, &d), 0);
	g = daily(5, 10);
	for (i = 0; i < 5; i++)
		b[i].at_us = NOW - DAY + 1 + (int64_t)i;
	assert_int_equal(growth_days(&g, &d), 0);
	g.n = 0;
	assert_int_equal(growth_days(&g, &d), 0);
}

/* Nothing expires: 10 a day, of 1000. */
static void
test_no_policy(void **state)
{
	struct growth	 g = daily(10, 10);

	(void)state;
	assert_int_equal(days(&g), 100);
	g.wal = 900;			/* in 10 days */
	assert_int_equal(days(&g), 10);
	b[5].stored = 500;		/* one backup of another kind */
	assert_int_equal(days(&g), 10);
	g.free = 0;
	assert_int_equal(days(&g), 0);
	g = daily(10, 0);
	assert_true(days(&g) == GROWTH_NEVER);
	g = daily(MANY, 10);
	assert_int_equal(days(&g), 100);
}

static void
test_before_expiry(void **state)
{
	struct growth	 g = daily(10, 10);

	(void)state;
	g.policy = (struct retention_policy){
	    .kind = RETENTION_WINDOW, .n = 30, .unit_days = 1 };
	assert_true(days(&g) == GROWTH_NEVER);	/* 20 days need 200 */
	g.free = 190;
	assert_int_equal(days(&g), 19);
	g.policy = (struct retention_policy){
	    .kind = RETENTION_REDUNDANCY, .n = 30, .unit_days = 0 };
	assert_int_equal(days(&g), 19);
	g.free = 1000;
	assert_true(days(&g) == GROWTH_NEVER);
}

/* As much goes as comes; then it is the rise that counts. */
static void
test_filled(void **state)
{
	struct growth	 g = daily(10, 10);
	size_t		 i;

	(void)state;
	g.free = 5;
	g.policy = (struct retention_policy){
	    .kind = RETENTION_REDUNDANCY, .n = 10, .unit_days = 0 };
	assert_true(days(&g) == GROWTH_NEVER);
	g.policy = (struct retention_policy){
	    .kind = RETENTION_WINDOW, .n = 10, .unit_days = 1 };
	assert_true(days(&g) == GROWTH_NEVER);
	b[9].stored = 4000;		/* one is no trend */
	assert_true(days(&g) == GROWTH_NEVER);
	for (i = 5; i < 10; i++)
		b[i].stored = 30;
	g.free = 200;
	assert_int_equal(days(&g), 10);
	for (i = 5; i < 10; i++)
		b[i].stored = 5;
	assert_true(days(&g) == GROWTH_NEVER);
}

/* Beside the policy one backup of each week stays, and one of each year. */
static void
test_periods(void **state)
{
	struct growth	 g = daily(20, 70);
	size_t		 i;

	(void)state;
	g.policy = (struct retention_policy){
	    .kind = RETENTION_REDUNDANCY, .n = 10,
	    .keep = { [RETENTION_PERIOD_WEEK] = 8 } };
	assert_true(days(&g) == GROWTH_NEVER);	/* 36 days at 10 a day */
	g.free = 350;
	assert_int_equal(days(&g), 35);
	g.policy.keep[RETENTION_PERIOD_WEEK] = 2;	/* it has them */
	assert_true(days(&g) == GROWTH_NEVER);
	g = daily(100, 70);
	g.free = 350;
	g.policy = (struct retention_policy){
	    .kind = RETENTION_WINDOW, .n = 10, .unit_days = 1,
	    .keep = { [RETENTION_PERIOD_WEEK] = 8 } };
	assert_true(days(&g) == GROWTH_NEVER);	/* filled long ago */
	g.policy.keep[RETENTION_PERIOD_YEAR] = 1000;
	assert_true(days(&g) == GROWTH_NEVER);	/* 70 a year is nothing */
	g.policy.keep[RETENTION_PERIOD_YEAR] = RETENTION_PERIOD_MOST;
	for (i = 0; i < 100; i++)
		b[i].stored = 3650;
	assert_int_equal(days(&g), 35);
	g.policy.kind = RETENTION_ALL;
	assert_int_equal(days(&g), 0);
}

/* What is filled by and by, each at its rate, and a rise beside it. */
static void
test_together(void **state)
{
	struct growth	 g = daily(20, 210);
	size_t		 i;

	(void)state;
	/* 30 a day for 9 days, and 7 for 221. */
	g.policy = (struct retention_policy){
	    .kind = RETENTION_REDUNDANCY, .n = 10,
	    .keep = { [RETENTION_PERIOD_WEEK] = 4,
	    [RETENTION_PERIOD_MONTH] = 8 } };
	g.free = 340;
	assert_int_equal(days(&g), 10);
	g.free = 333 + 100 * 7;
	assert_int_equal(days(&g), 109);
	g.free = 9 * 30 + 230 * 7;
	assert_true(days(&g) == GROWTH_NEVER);
	/* A rise of 1 does not hide that 31 a day are kept. */
	g.policy.keep[RETENTION_PERIOD_MONTH] = 0;
	for (i = 10; i < 20; i++)
		b[i].stored = 211;
	g.free = 250;
	assert_int_equal(days(&g), 8);
	g.free = 31 * 9 + 5;		/* and then that goes on alone */
	assert_int_equal(days(&g), 14);
}

/* Clocks that were set back, and numbers that no disk has. */
static void
test_odd(void **state)
{
	struct growth	 g = daily(8, UINT64_MAX);
	uint64_t	 d;

	(void)state;
	assert_int_equal(days(&g), 0);
	g = daily(8, 10);
	b[3].at_us = NOW + 5 * DAY;
	assert_int_equal(growth_days(&g, &d), 1);
	b[0].at_us = NOW + DAY;
	assert_int_equal(growth_days(&g, &d), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_no_policy),
		cmocka_unit_test(test_before_expiry),
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_odd)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
