/* SPDX-License-Identifier: ISC */
/* Figures at thresholds, below and above them, and severities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/health.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define OFF	HEALTH_OFF

static const struct {
	const char		*what;
	struct health_limits	 l;
	uint64_t		 figure;
	enum health		 want;
} cases[] = {
	{ "below both", { 60, 100, 0 }, 59, HEALTH_OK },
	{ "at the warning", { 60, 100, 0 }, 60, HEALTH_WARNING },
	{ "between", { 60, 100, 0 }, 99, HEALTH_WARNING },
	{ "at the critical", { 60, 100, 0 }, 100, HEALTH_CRITICAL },
	{ "far above", { 60, 100, 0 }, UINT64_MAX, HEALTH_CRITICAL },
	{ "critical comes first", { 100, 60, 0 }, 60, HEALTH_CRITICAL },
	{ "both off", { OFF, OFF, 0 }, UINT64_MAX, HEALTH_OK },
	{ "only a warning", { 60, OFF, 0 }, UINT64_MAX, HEALTH_WARNING },
	{ "only critical", { OFF, 1, 0 }, 0, HEALTH_OK },
	{ "only critical, reached", { OFF, 1, 0 }, 1, HEALTH_CRITICAL },
	{ "low: above both", { 15, 5, 1 }, 16, HEALTH_OK },
	{ "low: at the warning", { 15, 5, 1 }, 15, HEALTH_WARNING },
	{ "low: above critical", { 15, 5, 1 }, 6, HEALTH_WARNING },
	{ "low: at the critical", { 15, 5, 1 }, 5, HEALTH_CRITICAL },
	{ "low: nothing left", { 15, 5, 1 }, 0, HEALTH_CRITICAL },
	{ "low: both off", { OFF, OFF, 1 }, 0, HEALTH_OK },
	{ "low: only a warning", { 15, OFF, 1 }, 0, HEALTH_WARNING }
};

static const struct {
	enum health	 h;
	const char	*name;
	int		 nagios, finding;
} names[] = {
	{ HEALTH_UNKNOWN, "unknown", 3, 0 },
	{ HEALTH_OK, "ok", 0, 0 },
	{ HEALTH_WARNING, "warning", 1, 1 },
	{ HEALTH_CRITICAL, "critical", 2, 1 }
};

static void
test_judge(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++)
		if (health_judge(&cases[i].l, cases[i].figure) !=
		    cases[i].want)
			fail_msg("%s", cases[i].what);
}

/* The table of names is in the order of severity. */
static void
test_names(void **state)
{
	size_t	 i, k;

	(void)state;
	for (i = 0; i < LEN(names); i++) {
		assert_string_equal(health_name(names[i].h), names[i].name);
		assert_int_equal(health_nagios(names[i].h), names[i].nagios);
		assert_int_equal(health_finding(names[i].h),
		    names[i].finding);
		for (k = 0; k <= i; k++) {
			assert_int_equal(health_worst(names[i].h,
			    names[k].h), names[i].h);
			assert_int_equal(health_worst(names[k].h,
			    names[i].h), names[i].h);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_names)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
