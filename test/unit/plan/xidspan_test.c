/* SPDX-License-Identifier: ISC */
/* Numbers of transactions, with and without their epoch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/xidspan.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define E	(UINT64_C(1) << 32)

static void
test_judge(void **state)
{
	static const struct {
		uint64_t	 oldest, next, xid;
		enum xidspan	 want;
	} rows[] = {
		{ 700, 710, 699, XIDSPAN_ENDED },
		{ 700, 710, 700, XIDSPAN_BEGUN },
		{ 700, 710, 709, XIDSPAN_BEGUN },
		{ 700, 710, 710, XIDSPAN_LATER },
		{ 700, 710, 99999, XIDSPAN_LATER },
		/* Of a standby. */
		{ 0, 710, 3, XIDSPAN_BEGUN },
		{ 0, 710, 710, XIDSPAN_LATER },
		{ 0, 0, 710, XIDSPAN_UNKNOWN },
		{ 700, 0, 700, XIDSPAN_UNKNOWN },
		{ 700, 0, 699, XIDSPAN_ENDED },
		{ E + 5, E + 9, 700, XIDSPAN_ENDED }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(rows); i++)
		if (xidspan_judge(rows[i].oldest, rows[i].next,
		    rows[i].xid) != rows[i].want)
			fail_msg("row %zu", i);
}

static void
test_widen(void **state)
{
	static const struct {
		uint64_t	 xid, near, want;
	} rows[] = {
		{ 700, 710, 700 }, { 720, 710, 720 }, { 700, 0, 700 },
		{ 700, 5 * E + 3, 5 * E + 700 },
		/* Numbers began anew in between. */
		{ E - 1, 5 * E + 3, 5 * E - 1 },
		{ 3, 5 * E - 1, 5 * E + 3 },
		{ E - 1, 3, E - 1 },	/* there is no epoch before */
		{ 2 * E + 7, 5 * E, 2 * E + 7 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(rows); i++)
		assert_int_equal(xidspan_widen(rows[i].xid, rows[i].near),
		    rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_widen)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
