/* SPDX-License-Identifier: ISC */
/* When somebody is told, when again, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plan/notice.h"

#define U	HEALTH_UNKNOWN
#define O	HEALTH_OK
#define W	HEALTH_WARNING
#define C	HEALTH_CRITICAL

/*
 * A run of three checks after another one, every hour: what they are, and the
 * letter of the notice: n, w(orse), a(gain), W(ell).  They are repeated after
 * four hours.
 */
struct run {
	enum health	 now[3];
	char		 want;
};

static const struct run	 story[] = {
	{ { O, O, O }, 'n' },
	{ { O, W, U }, 'w' },
	{ { O, W, U }, 'n' },
	{ { O, C, U }, 'w' },		/* worse */
	{ { O, W, U }, 'n' },		/* better, and not well */
	{ { O, C, U }, 'w' },		/* worse again */
	{ { O, C, O }, 'n' },
	{ { W, C, O }, 'w' },		/* another one */
	{ { O, C, O }, 'n' },
	{ { U, U, U }, 'n' },		/* not known is not well */
	{ { U, U, U }, 'n' },
	{ { U, U, U }, 'a' },		/* four hours later */
	{ { O, C, O }, 'n' },
	{ { O, O, U }, 'W' },
	{ { O, O, O }, 'n' },
	{ { O, O, O }, 'n' },
	{ { O, O, O }, 'n' },
	{ { O, O, O }, 'n' },
	{ { O, O, O }, 'n' },
	{ { O, O, W }, 'w' }
};

static char
letter(enum notice n)
{
	return (n == NOTICE_WELL ? 'W' : notice_name(n)[0]);
}

static void
test_story(void **state)
{
	struct notice_memory	 m = { .told_us = NOTICE_NEVER };
	enum notice		 n;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		n = notice_decide(&m, story[i].now, 3, (int64_t)i, 4);
		if (letter(n) != story[i].want)
			fail_msg("run %zu: %s", i, notice_name(n));
		if (n != NOTICE_NONE)
			notice_told(&m, story[i].now, 3, (int64_t)i);
		else
			notice_better(&m, story[i].now, 3);
	}
}

static void
test_again(void **state)
{
	const enum health	 bad[] = { C };
	struct notice_memory	 m = { .told_us = NOTICE_NEVER };

	(void)state;
	notice_told(&m, bad, 1, 100);
	assert_int_equal(notice_decide(&m, bad, 1, 109, 10), NOTICE_NONE);
	assert_int_equal(notice_decide(&m, bad, 1, 110, 10), NOTICE_AGAIN);
	assert_int_equal(notice_decide(&m, bad, 1, 99, 10), NOTICE_AGAIN);
	assert_int_equal(notice_decide(&m, bad, 1, INT64_MAX, 0),
	    NOTICE_NONE);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_again)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
