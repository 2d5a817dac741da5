/* SPDX-License-Identifier: ISC */
/* Clocks ahead and behind, and slow lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/clockskew.h"

#define NOW	INT64_C(1800000000000000)
#define S(n)	(NOW + INT64_C(1000000) * (n))
#define SEGMENT	(UINT64_C(16) << 20)	/* 128 seconds at the least rate */

static void
test_server(void **state)
{
	struct clockskew	 s = { .asked = 1, .here_us = NOW };

	(void)state;
	s.server_us = S(60);
	assert_int_equal(clockskew_server(&s), 60);
	s.server_us = S(-60) + 1;
	assert_int_equal(clockskew_server(&s), 59);
	s.asked = 0;
	assert_int_equal(clockskew_server(&s), 0);
}

static void
test_repository(void **state)
{
	static const struct {
		int64_t		 stored;
		uint64_t	 apart;
	} t[] = {
		{ S(0), 0 },
		{ S(-1) + 1, 0 },	/* it began at that second's end */
		{ S(-6), 5 },		/* behind: nothing explains it */
		{ S(-3600), 3599 },
		{ S(30), 0 },		/* as slow as that it may be */
		{ S(129), 0 },
		{ S(134), 5 },
		{ S(3600), 3471 }
	};
	struct clockskew	 s = { .stored = 1, .sent_us = NOW,
				    .bytes = SEGMENT };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s.stored_us = t[i].stored;
		if (clockskew_repository(&s) != t[i].apart)
			fail_msg("case %zu", i);
	}
	s.stored = 0;
	assert_int_equal(clockskew_repository(&s), 0);
	s = (struct clockskew){ .stored = 1, .sent_us = INT64_MIN,
	    .stored_us = INT64_MAX };
	assert_true(clockskew_repository(&s) > 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_repository)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
