/* SPDX-License-Identifier: ISC */
/* Archivers that are idle, busy, broken, hung, and lied to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/archiving.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define NOW	INT64_C(1800000000000000)
#define AGO(s)	(NOW - INT64_C(1000000) * (s))
#define DAY	86400
#define NEVER	ARCHIVING_NEVER

static const struct health_limits	 limits = { 60, 100, 0 };

/* started, archived, failing, ready_known, nready, oldest */
static const struct {
	const char	*what;
	int64_t		 started, archived;
	int		 failing, known;
	uint64_t	 nready;
	int64_t		 oldest;
	int		 can;
	uint64_t	 stalled;
	enum health	 want;
} cases[] = {
	{ "idle for a day", AGO(9 * DAY), AGO(DAY), 0, 1, 0, NEVER,
	    1, 0, HEALTH_OK },
	{ "idle, and never archived", AGO(9 * DAY), NEVER, 0, 1, 0, NEVER,
	    1, 0, HEALTH_OK },
	{ "idle for a day, then one segment", AGO(9 * DAY), AGO(DAY), 0, 1, 1,
	    AGO(2), 1, 2, HEALTH_OK },
	{ "broken just now", AGO(DAY), AGO(5), 1, 1, 1, AGO(3),
	    1, 3, HEALTH_WARNING },
	{ "broken for two minutes", AGO(DAY), AGO(125), 1, 1, 40, AGO(120),
	    1, 120, HEALTH_CRITICAL },
	{ "broken after a day without writes", AGO(9 * DAY), AGO(DAY), 1, 1, 3,
	    AGO(120), 1, 120, HEALTH_CRITICAL },
	{ "hung, so that no failure is counted", AGO(DAY), AGO(130), 0, 1, 9,
	    AGO(120), 1, 120, HEALTH_CRITICAL },
	{ "a moment before the warning", AGO(DAY), AGO(300), 0, 1, 1,
	    AGO(60) + 1, 1, 59, HEALTH_OK },
	{ "at the warning", AGO(DAY), AGO(300), 0, 1, 1, AGO(60),
	    1, 60, HEALTH_WARNING },
	{ "at the critical", AGO(DAY), AGO(300), 0, 1, 1, AGO(100),
	    1, 100, HEALTH_CRITICAL },
	{ "a long backlog that shrinks", AGO(DAY), AGO(4), 0, 1, 5000,
	    AGO(7200), 1, 4, HEALTH_OK },
	{ "the backlog of a server that was stopped", AGO(10), AGO(DAY), 0, 1,
	    5000, AGO(DAY), 1, 10, HEALTH_OK },
	{ "such a server, broken", AGO(101), AGO(DAY), 1, 1, 5000, AGO(DAY),
	    1, 101, HEALTH_CRITICAL },
	{ "never archived since the statistics were reset", AGO(DAY), NEVER, 1,
	    1, 8, AGO(500), 1, 500, HEALTH_CRITICAL },
	{ "the start is not known", NEVER, NEVER, 0, 1, 8, AGO(500),
	    1, 500, HEALTH_CRITICAL },
	{ "a success after the clock was set back", AGO(DAY), NOW + 1, 0, 1, 1,
	    AGO(500), 1, 500, HEALTH_CRITICAL },
	{ "a .ready file after the clock was set back", AGO(DAY), AGO(500), 0,
	    1, 1, NOW + 1, 1, 500, HEALTH_CRITICAL },
	{ "no time that can be believed", NEVER, NEVER, 0, 1, 1, NOW + 1,
	    0, 0, HEALTH_UNKNOWN },
	{ "a time from the beginning of all", NEVER, NEVER + 1, 0, 1, 1, NEVER,
	    1, ((uint64_t)NOW - (uint64_t)(NEVER + 1)) / 1000000,
	    HEALTH_CRITICAL },
	{ "no list, no failure", AGO(DAY), AGO(500), 0, 0, 0, NEVER,
	    0, 0, HEALTH_UNKNOWN },
	{ "no list, and it fails", AGO(DAY), AGO(500), 1, 0, 0, NEVER,
	    0, 0, HEALTH_WARNING },
	{ "it failed on a file that does not wait any more", AGO(DAY),
	    AGO(500), 1, 1, 0, NEVER, 1, 0, HEALTH_OK }
};

static const struct {
	const char		*what;
	struct archiving_place	 p;
	uint64_t		 missing;
} places[] = {
	{ "all archived", { 8, 8, 0, 0 }, 0 },
	{ "one waits", { 8, 9, 1, 8 }, 0 },
	{ "several wait", { 8, 40, 1, 8 }, 0 },
	{ "archived while it was asked", { 9, 8, 0, 0 }, 0 },
	{ "it waits, and is there already", { 9, 9, 1, 8 }, 0 },
	{ "archive_command lies", { 8, 12, 0, 0 }, 4 },
	{ "it lied, and now one waits", { 8, 12, 1, 10 }, 2 },
	{ "what waits is the one under way", { 8, 12, 1, 13 }, 4 },
	{ "nothing is in the repository", { 1, 2, 0, 0 }, 1 },
	{ "at the end of all", { UINT64_MAX, UINT64_MAX, 0, 0 }, 0 }
};

static void
test_stalled(void **state)
{
	struct archiving	 a;
	uint64_t		 s;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		a = (struct archiving){
			.now_us = NOW,
			.started_us = cases[i].started,
			.archived_us = cases[i].archived,
			.failed_us = cases[i].failing ? AGO(1) : NEVER,
			.segsize = 16 << 20,
			.ready_known = cases[i].known,
			.nready = cases[i].nready,
			.oldest_us = cases[i].oldest
		};
		s = 77;
		if (archiving_stalled(&a, &s) != cases[i].can ||
		    s != cases[i].stalled ||
		    archiving_judge(&a, &limits) != cases[i].want)
			fail_msg("%s", cases[i].what);
	}
}

/* A segment of 1 GiB may take 1008 seconds longer, if nothing failed. */
static void
test_large_segments(void **state)
{
	static const struct {
		int64_t		 failed, oldest;
		uint32_t	 segsize;
		enum health	 want;
	} t[] = {
		{ NEVER, AGO(120), 1U << 30, HEALTH_OK },
		{ NEVER, AGO(1067), 1U << 30, HEALTH_OK },
		{ NEVER, AGO(1068), 1U << 30, HEALTH_WARNING },
		{ NEVER, AGO(1108), 1U << 30, HEALTH_CRITICAL },
		{ AGO(1), AGO(100), 1U << 30, HEALTH_CRITICAL },
		{ AGO(120), AGO(130), 1U << 30, HEALTH_CRITICAL },
		{ AGO(121), AGO(130), 1U << 30, HEALTH_WARNING },
		{ NOW + 1, AGO(130), 1U << 30, HEALTH_CRITICAL },
		{ NEVER, AGO(100), 16U << 20, HEALTH_CRITICAL },
		{ NEVER, AGO(100), 1U << 20, HEALTH_CRITICAL },
		{ NEVER, AGO(100), 0, HEALTH_CRITICAL }
	};
	const struct health_limits	 off = { HEALTH_OFF, HEALTH_OFF, 0 };
	struct archiving		 a;
	size_t				 i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		a = (struct archiving){ .now_us = NOW, .started_us = NEVER,
		    .archived_us = NEVER, .failed_us = t[i].failed,
		    .segsize = t[i].segsize, .ready_known = 1, .nready = 1,
		    .oldest_us = t[i].oldest };
		if (archiving_judge(&a, &limits) != t[i].want)
			fail_msg("case %zu", i);
	}
	a.failed_us = NEVER;
	a.segsize = 1U << 30;
	assert_int_equal(archiving_judge(&a, &off), HEALTH_OK);
}

static void
test_missing(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(places); i++)
		if (archiving_missing(&places[i].p) != places[i].missing)
			fail_msg("%s", places[i].what);
}

static void
test_minutes(void **state)
{
	(void)state;
	assert_true(archiving_minutes(5, 0, 9) == ARCHIVING_FOREVER);
	assert_int_equal(archiving_minutes(6000, 100, 60), 60);
	assert_int_equal(archiving_minutes(5999, 100, 60), 59);
	assert_int_equal(archiving_minutes(0, 100, 60), 0);
	assert_int_equal(archiving_minutes(600, 1, 0), 10);
	assert_true(archiving_minutes(UINT64_MAX, 1, UINT64_MAX) ==
	    INT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_large_segments),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test(test_missing)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
