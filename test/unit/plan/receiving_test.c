/* SPDX-License-Identifier: ISC */
/* Receivers that keep up, lag, have left, and never came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/receiving.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NOW	INT64_C(1800000000000000)
#define AGO(s)	(NOW - INT64_C(1000000) * (s))
#define DAY	86400
#define NEVER	RECEIVING_NEVER

static const struct health_limits	 limits = { 60, 100, 0 };

static const struct {
	const char	*what;
	struct receiving v;
	int		 can;
	uint64_t	 seconds;
	enum health	 want;
} cases[] = {
	{ "idle for a day", { NOW, AGO(9 * DAY), 1, NEVER, AGO(DAY), 0, 0 },
	    1, 0, HEALTH_OK },
	{ "idle, with what it took before", { NOW, AGO(DAY), 1, NEVER,
	    AGO(DAY), 0, 900000000 }, 1, 0, HEALTH_OK },
	{ "one commit after a day", { NOW, AGO(9 * DAY), 1, NEVER, AGO(DAY),
	    200, 0 }, 1, 0, HEALTH_OK },
	{ "it lags", { NOW, AGO(DAY), 1, NEVER, AGO(9), 1 << 20, 61000000 },
	    1, 61, HEALTH_WARNING },
	{ "it lags more", { NOW, AGO(DAY), 1, NEVER, AGO(9), 1 << 20,
	    100000000 }, 1, 100, HEALTH_CRITICAL },
	{ "gone, as 17 says", { NOW, AGO(DAY), 0, AGO(10), AGO(DAY), 9, 0 },
	    1, 10, HEALTH_WARNING },
	{ "gone for long", { NOW, AGO(DAY), 0, AGO(100), AGO(DAY), 0, 0 },
	    1, 100, HEALTH_CRITICAL },
	{ "gone, nothing waits, and it is not known since when", { NOW,
	    AGO(DAY), 0, NEVER, AGO(DAY), 0, 0 }, 0, 0, HEALTH_WARNING },
	{ "gone, by what the repository got", { NOW, AGO(DAY), 0, NEVER,
	    AGO(120), 1, 0 }, 1, 120, HEALTH_CRITICAL },
	{ "gone, and the repository never got any", { NOW, AGO(DAY), 0, NEVER,
	    NEVER, 1, 0 }, 1, DAY, HEALTH_CRITICAL },
	{ "the server has just started", { NOW, AGO(39), 0, NEVER, AGO(DAY),
	    5000, 0 }, 1, 39, HEALTH_OK },
	{ "it started a while ago", { NOW, AGO(40), 0, NEVER, AGO(DAY),
	    5000, 0 }, 1, 40, HEALTH_WARNING },
	{ "a restart with nothing to receive", { NOW, AGO(5), 0, NEVER,
	    AGO(DAY), 0, 0 }, 0, 0, HEALTH_OK },
	{ "the repository's clock is ahead", { NOW, AGO(DAY), 0, NEVER,
	    NOW + 5, 1, 0 }, 1, DAY, HEALTH_CRITICAL },
	{ "nothing is known", { NOW, NEVER, 0, NEVER, NEVER, 1, 0 },
	    0, 0, HEALTH_WARNING }
};

static void
test_cases(void **state)
{
	uint64_t	 seconds;
	size_t		 i;
	int		 can;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		seconds = 77;
		can = receiving_seconds(&cases[i].v, &seconds);
		if (can != cases[i].can || seconds != cases[i].seconds)
			fail_msg("%s: %d, %d s", cases[i].what, can,
			    (int)seconds);
		if (receiving_judge(&cases[i].v, &limits) != cases[i].want)
			fail_msg("%s: another status", cases[i].what);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
