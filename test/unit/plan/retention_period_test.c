/* SPDX-License-Identifier: ISC */
/* Retention by periods: the calendar, and what stands for each period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "plan/retention_period.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define DAY	INT64_C(86400)
#define US	INT64_C(1000000)
#define CASES	20000
#define MANY	12

static const enum retention_period	 kinds[] = {
	RETENTION_PERIOD_DAY, RETENTION_PERIOD_WEEK, RETENTION_PERIOD_MONTH,
	RETENTION_PERIOD_YEAR
};

static const char *
text(enum retention_period kind, int64_t seconds)
{
	static char	 buf[2][RETENTION_PERIOD_TEXT];
	static unsigned	 next;
	int		 kept[RETENTION_PERIODS] = { 0 };

	kept[kind] = 1;
	return (retention_period_format(buf[next++ % 2], kept, seconds * US));
}

static void
test_words(void **state)
{
	static const struct {
		time_t		 at;
		const char	*all;
	} cases[] = {
		{ 0, "daily 1970-01-01, weekly 1970-W01, monthly 1970-01, "
		    "yearly 1970" },
		{ -1, "daily 1969-12-31, weekly 1970-W01, monthly 1969-12, "
		    "yearly 1969" },
		{ 1795449601, "daily 2026-11-23, weekly 2026-W48, monthly "
		    "2026-11, yearly 2026" },
		{ 1798761599, "daily 2026-12-31, weekly 2026-W53, monthly "
		    "2026-12, yearly 2026" },
		{ 1798761600, "daily 2027-01-01, weekly 2026-W53, monthly "
		    "2027-01, yearly 2027" },
		{ 1709164800, "daily 2024-02-29, weekly 2024-W09, monthly "
		    "2024-02, yearly 2024" }
	};
	static const int	 all[] = { 1, 1, 1, 1 }, none[4],
				 some[] = { 0, 1, 0, 1 };
	char			 buf[RETENTION_PERIOD_TEXT];
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++)
		assert_string_equal(retention_period_format(buf, all,
		    cases[i].at * US), cases[i].all);
	assert_string_equal(retention_period_format(buf, none, 0), "");
	assert_string_equal(retention_period_format(buf, some, 0),
	    "weekly 1970-W01, yearly 1970");
	/* No time is too odd to be printed. */
	assert_non_null(retention_period_format(buf, all, INT64_MAX));
	assert_non_null(retention_period_format(buf, all, INT64_MIN));
}

/* Four centuries of days, as the C library has them. */
static void
test_calendar(void **state)
{
	static const int	 all[] = { 1, 1, 1, 1 };
	char			 want[80], got[RETENTION_PERIOD_TEXT];
	struct tm		 tm;
	time_t			 at;

	(void)state;
	for (at = 3600; at < 400 * 366 * DAY; at += DAY) {
		assert_non_null(gmtime_r(&at, &tm));
		(void)strftime(want, sizeof(want), "daily %Y-%m-%d, weekly "
		    "%G-W%V, monthly %Y-%m, yearly %Y", &tm);
		assert_string_equal(retention_period_format(got, all,
		    at * US), want);
	}
}

/* In days since Monday, 2026-11-02; newest first, as they ended and came. */
struct pick {
	enum retention_period	 kind;
	uint64_t		 most;
	int			 at[8], came[8];	/* 0 ends; 0: as "at" */
	const char		*kept;			/* as letters */
};

static void
test_pick(void **state)
{
	static const struct pick	 cases[] = {
		{ RETENTION_PERIOD_WEEK, 2, { 22, 21, 14, 8, 7 }, { 0 },
		    "ac" },
		{ RETENTION_PERIOD_WEEK, 0, { 22, 21, 14, 8, 7 }, { 0 }, "" },
		{ RETENTION_PERIOD_WEEK, 9, { 22, 21, 14, 8, 7 }, { 0 },
		    "acd" },
		/* A missed Monday is replaced by the next of that week. */
		{ RETENTION_PERIOD_WEEK, 4, { 21, 14, 9, 2 }, { 0 }, "abcd" },
		/* Weeks without a backup are not counted. */
		{ RETENTION_PERIOD_WEEK, 2, { 71, 3, 2 }, { 0 }, "ab" },
		{ RETENTION_PERIOD_DAY, 3, { 3, 3, 2, 2, 1, 1 }, { 0 },
		    "ace" },
		{ RETENTION_PERIOD_MONTH, 2, { 59, 30, 29, 28, 1 }, { 0 },
		    "ad" },
		/*
		 * "b" says that it is three weeks old and came today: the
		 * genuine "c" of that week stays, and so does "d".
		 */
		{ RETENTION_PERIOD_WEEK, 3, { 22, 9, 8, 2 },
		    { 22, 22, 8, 2 }, "abcd" },
		/* Those with old dates fill no week that had no backup. */
		{ RETENTION_PERIOD_DAY, 2, { 22, 21, 20, 19, 9 },
		    { 22, 22, 22, 22, 9 }, "abcde" },
		/* A copy: all came at once, and each week keeps its own. */
		{ RETENTION_PERIOD_WEEK, 1, { 22, 21, 14, 8, 7 },
		    { 23, 23, 23, 23, 23 }, "acd" }
	};
	const int64_t			 monday = INT64_C(1793577600);
	struct retention_period_one	 v[8];
	const struct pick		*c;
	char				 got[9];
	size_t				 i, n, k;

	(void)state;
	assert_string_equal(text(RETENTION_PERIOD_DAY, monday),
	    "daily 2026-11-02");
	for (c = cases; c < cases + LEN(cases); c++) {
		for (n = 0; n < 8 && c->at[n] != 0; n++)
			v[n] = (struct retention_period_one){ .stop_us =
			    (monday + c->at[n] * DAY) * US, .ended_us =
			    (monday + (c->came[n] == 0 ? c->at[n] :
			    c->came[n]) * DAY) * US, .which = n };
		n = retention_period_pick(c->kind, c->most, v, n);
		memset(got, 0, sizeof(got));
		for (i = 0; i < 8; i++)
			for (k = 0; k < n; k++)
				if (v[k].which == i)
					got[strlen(got)] = (char)('a' + i);
		if (strcmp(got, c->kept) != 0)
			fail_msg("case %zu: %s", (size_t)(c - cases), got);
	}
}

static uint64_t	 seed = 1;

static int64_t
rnd(int64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return ((int64_t)(seed >> 33) % below);
}

static int
same(enum retention_period kind, int64_t a, int64_t b)
{
	return (strcmp(text(kind, a), text(kind, b)) == 0);
}

/* "n" random backups, newest first: when they ended, and when they count. */
static void
history(int64_t at[MANY], int64_t came[MANY], size_t n)
{
	int64_t	 now = INT64_C(1800000000);
	size_t	 i;

	for (i = 0; i < n; i++) {
		now -= rnd(rnd(3) == 0 ? 90 * DAY : 2 * DAY);
		at[i] = came[i] = now;
		if (rnd(4) == 0)
			came[i] += rnd(40 * DAY);
	}
}

/* Each that is kept is so by the words of the header, and no other is. */
static void
test_model(void **state)
{
	struct retention_period_one	 v[MANY];
	int64_t				 at[MANY], came[MANY];
	enum retention_period		 kind;
	size_t				 i, j, k, n, got, newer;
	uint64_t			 most;
	int				 want, have, turn, known;

	(void)state;
	for (turn = 0; turn < CASES; turn++) {
		n = (size_t)rnd(MANY + 1);
		history(at, came, n);
		kind = kinds[rnd(4)];
		most = (uint64_t)rnd(6);
		for (i = 0; i < n; i++)
			v[i] = (struct retention_period_one){ .stop_us =
			    at[i] * US, .ended_us = came[i] * US,
			    .which = i };
		got = retention_period_pick(kind, most, v, n);
		for (i = 0; i < n; i++) {
			want = 1;
			newer = 0;
			for (j = 0; j < n; j++) {
				want &= j >= i ||
				    !same(kind, came[i], came[j]) ||
				    !same(kind, at[i], at[j]);
				/* Each later period once. */
				for (known = 0, k = 0; k < j; k++)
					known |= same(kind, came[k],
					    came[j]);
				newer += !known && came[j] > came[i] &&
				    !same(kind, came[i], came[j]);
			}
			want &= newer < most;
			for (have = 0, k = 0; k < got; k++)
				have |= v[k].which == i;
			if (want != have)
				fail_msg("turn %d, backup %zu: %d", turn, i,
				    have);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_model)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
