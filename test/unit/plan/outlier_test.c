/* SPDX-License-Identifier: ISC */
/* Sizes that are ordinary, and sizes that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/outlier.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MANY	9
#define MAX	UINT64_MAX

static const struct {
	const char	*what;
	uint64_t	 before[MANY];
	size_t		 n;
	uint64_t	 size;
	int		 can;
	uint64_t	 percent;
} cases[] = {
	{ "none before it", { 0 }, 0, 100, 0, 0 },
	{ "two before it", { 100, 100 }, 2, 9, 0, 0 },
	{ "the same", { 100, 100, 100 }, 3, 100, 1, 0 },
	{ "half", { 100, 100, 100 }, 3, 50, 1, 50 },
	{ "nothing", { 100, 100, 100 }, 3, 0, 1, 100 },
	{ "double", { 100, 100, 100 }, 3, 200, 1, 100 },
	{ "rounded down", { 300, 300, 300 }, 3, 301, 1, 0 },
	{ "one odd size among them", { 100, 5, 100 }, 3, 100, 1, 0 },
	{ "in no order", { 300, 100, 200 }, 3, 200, 1, 0 },
	{ "an even number", { 100, 200, 300, 400 }, 4, 300, 1, 50 },
	{ "seven count", { 9, 9, 9, 9, 9, 9, 9, 1, 1 }, 9, 18, 1, 100 },
	{ "seven count, the newest", { 1, 1, 1, 9, 9, 9, 9, 1, 1 }, 9, 9,
	    1, 0 },
	{ "all were empty", { 0, 0, 0 }, 3, 100, 0, 0 },
	{ "larger than a product", { 200, 200, 200 }, 3, MAX, 1,
	    (MAX - 200) / 2 },
	{ "larger than any percentage", { 1, 1, 1 }, 3, MAX, 1, MAX },
	{ "large, and nothing", { MAX, MAX, MAX }, 3, 0, 1, 100 }
};

static void
test_cases(void **state)
{
	uint64_t	 p;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		p = 77;
		if (outlier_percent(cases[i].before, cases[i].n,
		    cases[i].size, &p) != cases[i].can ||
		    p != cases[i].percent)
			fail_msg("%s: %llu", cases[i].what,
			    (unsigned long long)p);
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
