/* SPDX-License-Identifier: ISC */
/* The text of a retention policy: what is understood, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/retention_policy.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define DAY	INT64_C(86400000000)

#define EXPECTED "expected \"redundancy N\" or \"recovery window of N days\" " \
    "(or weeks, months)"

static const struct {
	const char			*text, *plain;
	enum retention_policy_kind	 kind;
	uint64_t			 n;
	int64_t				 days;
} good[] = {
	{ "", "keep everything", RETENTION_ALL, 0, 0 },
	{ "  \t", "keep everything", RETENTION_ALL, 0, 0 },
	{ "redundancy 3", "redundancy 3", RETENTION_REDUNDANCY, 3, 0 },
	{ " REDUNDANCY\t1 ", "redundancy 1", RETENTION_REDUNDANCY, 1, 0 },
	{ "redundancy 1000000", "redundancy 1000000", RETENTION_REDUNDANCY,
	    1000000, 0 },
	{ "recovery window of 2 weeks", "recovery window of 2 weeks",
	    RETENTION_WINDOW, 2, 14 },
	{ "RECOVERY WINDOW OF 1 DAYS", "recovery window of 1 day",
	    RETENTION_WINDOW, 1, 1 },
	{ "recovery  window of 7 day", "recovery window of 7 days",
	    RETENTION_WINDOW, 7, 7 },
	{ "recovery window of 1 week", "recovery window of 1 week",
	    RETENTION_WINDOW, 1, 7 },
	{ "recovery window of 1 months", "recovery window of 1 month",
	    RETENTION_WINDOW, 1, 31 },
	{ "Recovery Window Of 3 Months", "recovery window of 3 months",
	    RETENTION_WINDOW, 3, 93 },
	/* As long as a window can be: a hundred years. */
	{ "recovery window of 36525 days", "recovery window of 36525 days",
	    RETENTION_WINDOW, 36525, 36525 },
	{ "recovery window of 5217 weeks", "recovery window of 5217 weeks",
	    RETENTION_WINDOW, 5217, 36519 },
	{ "recovery window of 1178 months", "recovery window of 1178 months",
	    RETENTION_WINDOW, 1178, 36518 }
};

static void
test_good(void **state)
{
	struct retention_policy	 p, again;
	struct err		 e = ERR_INIT;
	char			 buf[RETENTION_POLICY_TEXT];
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(good); i++) {
		if (retention_policy_parse(good[i].text, &p, &e))
			fail_msg("\"%s\": %s", good[i].text, e.msg);
		assert_int_equal(p.kind, good[i].kind);
		assert_int_equal(p.n, good[i].n);
		assert_string_equal(retention_policy_format(buf, &p),
		    good[i].plain);
		assert_int_equal(retention_policy_window(&p),
		    good[i].days * DAY);
		if (p.kind == RETENTION_ALL)
			continue;
		/* What is shown to a user can be given as the setting. */
		assert_int_equal(retention_policy_parse(buf, &again, &e), 0);
		assert_int_equal(again.kind, p.kind);
		assert_int_equal(again.n, p.n);
		assert_int_equal(again.unit_days, p.unit_days);
	}
}

static void
test_periods(void **state)
{
	struct retention_policy	 p = { .keep = { 7, 0, 12, 5 } };
	char			 buf[RETENTION_POLICY_TEXT];

	(void)state;
	assert_string_equal(retention_policy_format(buf, &p),
	    "keep everything");
	p.kind = RETENTION_REDUNDANCY;
	p.n = 2;
	assert_string_equal(retention_policy_format(buf, &p),
	    "redundancy 2, 7 daily, 12 monthly, 5 yearly");
	p.kind = RETENTION_WINDOW;
	p.unit_days = 7;
	p.keep[1] = UINT64_MAX;
	assert_string_equal(retention_policy_format(buf, &p),
	    "recovery window of 2 weeks, 7 daily, 18446744073709551615 "
	    "weekly, 12 monthly, 5 yearly");
}

static void
test_bad(void **state)
{
	static const struct {
		const char	*text, *msg;
	} bad[] = {
		{ "redundancy", "retention policy \"redundancy\": "
		    EXPECTED },
		{ "keep\x1b[1m", "retention policy \"keep?[1m\": "
		    EXPECTED },
		{ "redundancy 0", NULL },
		{ "redundancy -1", NULL }, { "redundancy +1", NULL },
		{ "redundancy 0x3", NULL }, { "redundancy 3.5", NULL },
		{ "redundancy 3 4", NULL }, { "redundancy 1000001", NULL },
		{ "redundancy three", NULL }, { "redundancy3", NULL },
		{ "3", NULL }, { "3 redundancy", NULL }, { "none", NULL },
		{ "keep everything", NULL },
		{ "recovery window of 2", NULL },
		{ "recovery window of days", NULL },
		{ "recovery window 2 days", NULL },
		{ "recovery window  2 weeks", NULL },
		{ "recovery window of 2 years", NULL },
		{ "recovery window of 2 dayss", NULL },
		{ "recovery window of 0 days", NULL },
		{ "recovery window of -2 days", NULL },
		{ "recovery window of 36526 days", NULL },
		{ "recovery window of 5218 weeks", NULL },
		{ "recovery window of 1179 months", NULL },
		{ "recovery window of 18446744073709551617 days", NULL },
		{ "recovery window of 99999999999999999999 days", NULL },
		{ "recovery window of 2 weeks or so", NULL },
		{ "recovery window of aaaaaaaaaaaaaaaaaaaaaaaaaa days", NULL }
	};
	struct retention_policy	 p = { .n = 77 };
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		if (retention_policy_parse(bad[i].text, &p, &e) == 0)
			fail_msg("took %s", bad[i].text);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_int_equal(p.n, 77);
		if (bad[i].msg != NULL)
			assert_string_equal(e.msg, bad[i].msg);
		err_clear(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_bad)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
