/* SPDX-License-Identifier: ISC */
/* What is young, at the edges and beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/grace.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NOW	INT64_C(1800000000000000)
#define DAY	INT64_C(86400000000)

static const struct {
	const char	*what;
	int64_t		 us, here;
	int		 young;
} cases[] = {
	{ "came just now", DAY, NOW, 1 },
	{ "came a moment too late", DAY, NOW - DAY + 1, 1 },
	{ "has lain there for the grace", DAY, NOW - DAY, 0 },
	{ "has lain there for longer", DAY, NOW - 2 * DAY, 0 },
	{ "came in the future", DAY, NOW + DAY, 1 },
	{ "it is not known when it came", DAY, GRACE_UNKNOWN, 1 },
	{ "without a grace, just now", 0, NOW, 0 },
	{ "without a grace, in the future", 0, NOW + 1, 0 },
	{ "without a grace, not known", 0, GRACE_UNKNOWN, 0 }
};

static void
test_cases(void **state)
{
	struct grace	 g = { .now_us = NOW };
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		g.us = cases[i].us;
		if (grace_is_young(&g, cases[i].here) != cases[i].young)
			fail_msg("%s", cases[i].what);
	}
}

static void
test_times(void **state)
{
	const struct grace	 g = { .now_us = NOW, .us = DAY };

	(void)state;
	assert_true(grace_time(0) == GRACE_UNKNOWN);
	assert_true(grace_time(-1) == GRACE_UNKNOWN);
	assert_true(grace_time(INT64_MAX) == GRACE_UNKNOWN);
	assert_true(grace_time(INT64_MIN) == GRACE_UNKNOWN);
	assert_true(grace_time(1800000000) == NOW);
	assert_true(grace_time(1) == 1000000);
	assert_true(grace_end(&g, NOW) == NOW + DAY);
	assert_true(grace_end(&g, GRACE_UNKNOWN) == GRACE_UNKNOWN);
	assert_true(grace_end(&g, GRACE_UNKNOWN - 1) == GRACE_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_times)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
