/* SPDX-License-Identifier: ISC */
/* Lines beside the chosen one: where they part, and which go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/stray.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Timeline 2 left 1 at 100, 3 left 2 at 200, and 4 left 2 at 150.  5 followed
 * 2 and stopped at 80, before 2 began: it left 1.
 */
static void
test_fork(void **state)
{
	static const struct {
		uint32_t		 chosen, other;
		struct stray_fork	 want;
	} cases[] = {
		/* An ancestor goes on behind the point where it was left. */
		{ 2, 1, { 1, 100, 2 } }, { 3, 1, { 1, 100, 2 } },
		{ 3, 2, { 2, 200, 3 } },
		/* A descendant left the chosen line. */
		{ 1, 2, { 1, 100, 1 } }, { 2, 3, { 2, 200, 2 } },
		/* Siblings: the lower of two ends is where they part. */
		{ 4, 3, { 2, 150, 4 } }, { 3, 4, { 2, 150, 3 } },
		/* A timeline of which the switch left nothing. */
		{ 5, 2, { 1, 80, 5 } }, { 5, 1, { 1, 80, 5 } },
		{ 2, 5, { 1, 80, 2 } },
		/* No history: nothing in common. */
		{ 9, 1, { 0, 0, 9 } }, { 2, 9, { 0, 0, 2 } }
	};
	struct timelines	 t;
	struct stray_fork	 f;
	size_t			 i;

	(void)state;
	timelines_init(&t);
	assert_int_equal(timelines_fork(&t, 1, 100), 2);
	assert_int_equal(timelines_fork(&t, 2, 200), 3);
	assert_int_equal(timelines_fork(&t, 2, 150), 4);
	assert_int_equal(timelines_fork(&t, 2, 80), 5);
	for (i = 0; i < LEN(cases); i++) {
		f = stray_fork(&t.lines, cases[i].chosen, cases[i].other);
		if (f.parent != cases[i].want.parent ||
		    f.lsn != cases[i].want.lsn ||
		    f.child != cases[i].want.child)
			fail_msg("case %zu: parent %u, LSN %llu, child %u", i,
			    f.parent, (unsigned long long)f.lsn, f.child);
	}
}

static void
test_judge(void **state)
{
	static const int64_t	 none = STRAY_UNKNOWN;
	static const struct lineage_backup early = { .id = "a",
	    .start_us = 90, .stop_us = 95, .tli = 1 },
	    late = { .id = "b", .start_us = 110, .stop_us = 115, .tli = 1 };
	static const struct choose_target end = { .kind = CHOOSE_END },
	    t60 = { .kind = CHOOSE_TIME, .time_us = 60 },
	    t50 = { .kind = CHOOSE_TIME, .time_us = 50 },
	    t100 = { .kind = CHOOSE_TIME, .time_us = 100 },
	    l7 = { .kind = CHOOSE_LSN, .lsn = 7 },
	    l8 = { .kind = CHOOSE_LSN, .lsn = 8 };
	/* The fork is at LSN 7; the chosen line began at 100. */
	static const struct {
		const struct lineage_backup *newest;
		int64_t			 theirs, fork, ours;
		const struct choose_target *t;
		enum stray_why		 why;
	} cases[] = {
		/* A copy was promoted; a newer backup, newer commits. */
		{ &late, none, none, 200, &end, STRAY_BACKUP },
		{ &late, 150, none, 200, &end, STRAY_BACKUP },
		{ NULL, 201, none, 200, &end, STRAY_COMMITS },
		{ &early, 201, none, 200, &end, STRAY_COMMITS },
		{ NULL, 101, none, none, &end, STRAY_COMMITS },
		/* The copy's commits are the newest. */
		{ NULL, 150, none, 200, &end, STRAY_ENDED },
		{ NULL, 200, none, 200, &end, STRAY_ENDED },
		/* Right after a failover: no commit yet, leftovers. */
		{ NULL, 99, none, none, &end, STRAY_ENDED },
		{ NULL, 99, none, 50, &end, STRAY_ENDED },
		{ NULL, 100, none, 50, &end, STRAY_ENDED },
		/* A restore in place, with a newer backup beyond the target. */
		{ &early, 97, none, 50, &end, STRAY_ENDED },
		{ &early, none, none, none, &end, STRAY_ENDED },
		/* A time before the fork, behind it, and on the new line. */
		{ &late, 300, 60, 200, &t50, STRAY_SHARED },
		{ &late, 300, 60, 200, &t60, STRAY_BACKUP },
		{ NULL, 97, 60, 200, &t50, STRAY_SHARED },
		{ NULL, 97, 60, 200, &t60, STRAY_TIME },
		{ NULL, 97, none, 200, &t60, STRAY_ENDED },
		{ NULL, none, 60, 200, &t60, STRAY_ENDED },
		{ NULL, 97, 60, 200, &t100, STRAY_ENDED },
		/* The same for an LSN. */
		{ &late, 300, none, 200, &l7, STRAY_SHARED },
		{ &late, 300, none, 200, &l8, STRAY_BACKUP }
	};
	struct stray_line	 l;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		l = (struct stray_line){ .tli = 1, .fork = { 1, 7, 2 },
		    .began_us = 100, .newest = cases[i].newest,
		    .commit_us = cases[i].theirs, .fork_us = cases[i].fork,
		    .first_us = STRAY_UNKNOWN };
		if (stray_judge(&l, cases[i].ours, cases[i].t) !=
		    cases[i].why)
			fail_msg("case %zu", i);
	}
	/* Between the last commit of both lines and the next. */
	l = (struct stray_line){ .tli = 1, .fork = { 1, 7, 2 },
	    .began_us = 100, .newest = &late, .commit_us = 300,
	    .fork_us = 50, .first_us = 70 };
	assert_int_equal(stray_judge(&l, 200, &t60), STRAY_SHARED);
	l.first_us = 60;
	assert_int_equal(stray_judge(&l, 200, &t60), STRAY_BACKUP);
	/* When it began is not known: every backup beside it is later. */
	l.began_us = none;
	l.newest = &early;
	assert_int_equal(stray_judge(&l, 200, &end), STRAY_BACKUP);
}

static void
test_refuses(void **state)
{
	static const enum choose_line	 named[] = { CHOOSE_LINE_LATEST,
	    CHOOSE_LINE_CURRENT, CHOOSE_LINE_NUMBER };
	struct choose_target		 t = { .kind = CHOOSE_END };
	size_t				 i;

	(void)state;
	assert_false(stray_refuses(STRAY_ENDED, &t));
	assert_false(stray_refuses(STRAY_SHARED, &t));
	assert_true(stray_refuses(STRAY_BACKUP, &t));
	assert_true(stray_refuses(STRAY_COMMITS, &t));
	assert_true(stray_refuses(STRAY_TIME, &t));
	for (i = 0; i < LEN(named); i++) {
		t.line = named[i];
		assert_false(stray_refuses(STRAY_BACKUP, &t));
	}
	t = (struct choose_target){ .kind = CHOOSE_IMMEDIATE };
	assert_false(stray_refuses(STRAY_BACKUP, &t));
}

/* A header's time counts as far as a listing and the clock bear it out. */
static void
test_times(void **state)
{
	const int64_t	 now = 1000 * STRAY_AHEAD_US;
	const int64_t	 far = now + STRAY_AHEAD_US;

	(void)state;
	assert_int_equal(stray_past(far, now), far);
	assert_int_equal(stray_past(far + 1, now), STRAY_UNKNOWN);
	assert_int_equal(stray_past(INT64_MAX, 0), STRAY_UNKNOWN);
	assert_int_equal(stray_past(STRAY_UNKNOWN, now), STRAY_UNKNOWN);
	assert_int_equal(stray_began(500, 700, now), 500);
	assert_int_equal(stray_began(900 * far, 700, now), 700);
	/* Written at 39.001 by a clock that showed 38.995, listed as 38. */
	assert_int_equal(stray_began(39001000, 38000000, now), 39001000);
	assert_int_equal(stray_began(1010699, 700, now), 1010699);
	assert_int_equal(stray_began(1010700, 700, now), 700);
	assert_int_equal(stray_began(500, INT64_MAX, now), 500);
	assert_int_equal(stray_began(900 * far, INT64_MAX, now),
	    STRAY_UNKNOWN);
	assert_int_equal(stray_began(STRAY_UNKNOWN, 700, now), STRAY_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refuses)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
