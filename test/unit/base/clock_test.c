/* SPDX-License-Identifier: ISC */
/* Times: leap days, zones, the hours that summer time skips and repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define S	INT64_C(1000000)
#define NOON	(INT64_C(1795348800) * S)	/* 2026-11-22T12:00:00Z */

/* Central Europe, spelled so that no time zone database is needed. */
static void
zone(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

#define CENTRAL	"CET-1CEST,M3.5.0,M10.5.0/3"

static void
test_format(void **state)
{
	static const struct {
		int64_t		 us;
		const char	*text, *id;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z", "19700101T000000Z" },
		{ 1, "1970-01-01T00:00:00.000001Z", "19700101T000000Z" },
		{ -1, "1969-12-31T23:59:59.999999Z", "19691231T235959Z" },
		{ -S, "1969-12-31T23:59:59Z", "19691231T235959Z" },
		{ NOON, "2026-11-22T12:00:00Z", "20261122T120000Z" },
		{ NOON + 123456, "2026-11-22T12:00:00.123456Z",
		    "20261122T120000Z" },
		{ 951782400 * S, "2000-02-29T00:00:00Z", "20000229T000000Z" },
		{ INT64_C(253402300799) * S, "9999-12-31T23:59:59Z",
		    "99991231T235959Z" }
	};
	char	 buf[CLOCK_TEXT];
	size_t	 i;

	(void)state;
	zone(CENTRAL);			/* must not matter */
	for (i = 0; i < N(rows); i++) {
		assert_string_equal(clock_format(buf, rows[i].us),
		    rows[i].text);
		assert_string_equal(clock_format_id(buf, rows[i].us),
		    rows[i].id);
	}
	(void)clock_format(buf, INT64_MAX);	/* no overrun */
	(void)clock_format_id(buf, INT64_MIN);
}

struct row {
	const char	*text;
	int64_t		 us;
	long		 offset;
	int		 assumed;
};

static void
good(const struct row *r, size_t n)
{
	int64_t	 us;
	long	 offset;
	int	 assumed;

	for (; n > 0; n--, r++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(clock_parse(r->text, &us, &assumed, &offset,
		    &e), 0);
		assert_int_equal(us, r->us);
		assert_int_equal(offset, r->offset);
		assert_int_equal(assumed, r->assumed);
		assert_int_equal(clock_parse(r->text, &us, NULL, NULL, &e),
		    0);
	}
}

static void
test_zones(void **state)
{
	static const struct row	 rows[] = {
		{ "2026-11-22T12:00:00Z", NOON, 0, 0 },
		{ "2026-11-22 12:00:00z", NOON, 0, 0 },
		{ "2026-11-22 12:00 UTC", NOON, 0, 0 },
		{ "2026-11-22 12:00:00  GMT", NOON, 0, 0 },
		{ "2026-11-22 13:00:00+01", NOON, 3600, 0 },
		{ "2026-11-22 13:00:00 +01", NOON, 3600, 0 },
		{ "2026-11-22 13:00:00+0100", NOON, 3600, 0 },
		{ "2026-11-22 13:00:00+01:00", NOON, 3600, 0 },
		{ "2026-11-22 17:30:00+05:30", NOON, 19800, 0 },
		{ "2026-11-22 11:30:00-00:30", NOON, -1800, 0 },
		{ "2026-11-23 03:00:00+15:00", NOON, 54000, 0 },
		{ "2026-11-22 12:00:00.5Z", NOON + 500000, 0, 0 },
		{ "2026-11-22 12:00:00.123456Z", NOON + 123456, 0, 0 },
		{ "2026-11-22 12:00:00.1234569Z", NOON + 123456, 0, 0 },
		{ "2024-02-29 00:00Z", INT64_C(1709164800) * S, 0, 0 },
		{ "1969-12-31 23:59:59Z", -S, 0, 0 }
	};

	(void)state;
	zone(CENTRAL);
	good(rows, N(rows));
}

static void
test_local(void **state)
{
	static const struct row	 rows[] = {
		{ "2026-11-22 13:00:00", NOON, 3600, 1 },
		{ "2026-11-22", NOON - 13 * 3600 * S, 3600, 1 },
		{ "2026-07-01 12:00", INT64_C(1782900000) * S, 7200, 1 },
		/* Around the hours of change. */
		{ "2026-03-29 01:59:59", INT64_C(1774745999) * S, 3600, 1 },
		{ "2026-03-29 03:00:00", INT64_C(1774746000) * S, 7200, 1 },
		{ "2026-10-25 01:59:59", INT64_C(1792886399) * S, 7200, 1 },
		{ "2026-10-25 03:00:00", INT64_C(1792893600) * S, 3600, 1 },
		/* With a zone the repeated hour is unambiguous. */
		{ "2026-10-25 02:30:00+02", INT64_C(1792888200) * S, 7200,
		    0 },
		{ "2026-10-25 02:30:00+01", INT64_C(1792891800) * S, 3600, 0 }
	};
	static const struct row	 utc[] = {
		{ "2026-11-22 12:00:00", NOON, 0, 1 },
		{ "2026-07-01 12:00", INT64_C(1782907200) * S, 0, 1 }
	};
	static const struct row	 east[] = {
		{ "2026-11-22 17:30:00", NOON, 19800, 1 }
	};

	(void)state;
	zone(CENTRAL);
	good(rows, N(rows));
	zone("UTC0");
	good(utc, N(utc));
	zone("IST-5:30");
	good(east, N(east));
}

static void
test_format_local(void **state)
{
	char	 buf[CLOCK_TEXT];

	(void)state;
	zone(CENTRAL);
	assert_string_equal(clock_format_local(buf, NOON + 999999),
	    "2026-11-22T13:00:00+0100");
	assert_string_equal(clock_format_local(buf, INT64_C(1782900000) * S),
	    "2026-07-01T12:00:00+0200");
	assert_string_equal(clock_format_local(buf, -1),
	    "1970-01-01T00:59:59+0100");
	zone("UTC0");
	assert_string_equal(clock_format_local(buf, NOON),
	    "2026-11-22T12:00:00+0000");
}

static void
bad(const char *text, const char *msg)
{
	struct err	 e = ERR_INIT;
	int64_t		 us = 4711;
	long		 offset = 4711;
	int		 assumed = 4711;

	assert_int_equal(clock_parse(text, &us, &assumed, &offset, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, msg));
	assert_int_equal(us, 4711);
	assert_int_equal(offset, 4711);
	assert_int_equal(assumed, 4711);
}

static void
test_bad(void **state)
{
	static const char *const rows[] = {
		"", " ", "now", "yesterday", "2026", "2026-11", "2026-11-",
		"26-11-22", "20-11-22", "-11-22", "-2026-11-22", "2026-1-22",
		"2026/11/22", "20261122", "2026-00-22", "2026-11-00",
		"2026-11-22T", "2026-11-22 ", "2026-11-22 1", "2026-11-22 12",
		"2026-11-22 12:", "2026-11-22 12:0", "2026-11-22 24:00",
		"2026-11-22 12:60", "2026-11-22 12:00:60", "2026-11-22 12:00:",
		"2026-11-22 12:00:00.", "2026-11-22 12:00:00.x",
		"2026-11-22 12:00.5", "2026-11-22 12:00 CET",
		"2026-11-22 12:00+1", "2026-11-22 12:00+01:",
		"2026-11-22 12:00+01:6", "2026-11-22 12:00+01:60",
		"2026-11-22 12:00+16", "2026-11-22 12:00-16:00",
		"2026-11-22 12:00+01:00:00",
		"2026-11-22 12:00Zx", "2026-11-22 12:00 + 01", "2026-11-22Z",
		" 2026-11-22", "2026-11-22x12:00",
		"2026-11-22 12:00:00+01 Europe"
	};
	size_t	 i;

	(void)state;
	zone(CENTRAL);
	for (i = 0; i < N(rows); i++)
		bad(rows[i], " is not a time; expected something like");
	bad("2026-02-29", "2026-02-29: this time does not exist");
	bad("2026-02-30 12:00Z", "does not exist");
	bad("2026-04-31 12:00Z", "does not exist");
	bad("2026-13-01 12:00Z", "does not exist");
	bad("1900-02-29 12:00Z", "does not exist");
}

static void
test_summer_time(void **state)
{
	(void)state;
	zone(CENTRAL);
	bad("2026-03-29 02:30:00", "does not exist");
	bad("2026-03-29 02:00:00", "does not exist");
	bad("2026-10-25 02:30:00", "2026-10-25 02:30:00: this time comes "
	    "twice when summer time ends; add a zone, like +01");
	bad("2026-10-25 02:00:00", "this time comes twice");
}

static void
test_now(void **state)
{
	int64_t	 a = clock_mono_ms(), b;

	(void)state;
	assert_in_range(clock_now_us() / S, 1700000000, UINT32_MAX);
	b = clock_mono_ms();
	assert_true(b >= a && b < a + 10000);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_format_local),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_summer_time),
		cmocka_unit_test(test_now)
	};

	return (cmocka_run_group_tests_name("clock", tests, NULL, NULL));
}
