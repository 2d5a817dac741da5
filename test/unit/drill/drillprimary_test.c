/* SPDX-License-Identifier: ISC */
/* What a loss is measured against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/drillprimary.h"

#define NONE	INT64_MIN

static void
test_loss(void **state)
{
	static const struct {
		struct drillprimary	 p;
		uint64_t		 lsn;
		int64_t			 commit_us;
		uint64_t		 loss;
		const char		*against;
	} cases[] = {
		{ { 1, 7, 2, 500, 90 }, 500, 50, 0, "wal" },
		{ { 1, 7, 2, 500, 90 }, 501, 50, 0, "wal" },
		{ { 1, 7, 2, 500, 90 }, 499, 50, 40, "commit" },
		{ { 1, 7, 2, 500, 40 }, 499, 50, 0, "commit" },
		{ { 1, 7, 2, 500, NONE }, 499, 50, 50, "now" },
		{ { 1, 7, 2, 500, NONE }, 499, 150, 0, "now" },
		{ { 0, 7, 2, 500, 90 }, 500, 50, 50, "now" },
		/* Another cluster, another timeline. */
		{ { 1, 8, 2, 500, 90 }, 500, 50, 50, "now" },
		{ { 1, 7, 1, 500, 90 }, 500, 50, 50, "now" }
	};
	const char	*against;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(drillprimary_loss(&cases[i].p, 7, 2,
		    cases[i].lsn, cases[i].commit_us, 100, &against),
		    cases[i].loss);
		assert_string_equal(against, cases[i].against);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_loss)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
