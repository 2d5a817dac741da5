/* SPDX-License-Identifier: ISC */
/* Numbers, sizes, spans, switches and hexadecimal text from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/parse.h"

#define UNTOUCHED	UINT64_C(4711)
#define N(a)		(sizeof(a) / sizeof((a)[0]))

typedef int	 parser(const char *, uint64_t, uint64_t, uint64_t *,
		    const char *, struct err *);

struct row {
	const char	*text;
	uint64_t	 min, max, value;
	const char	*msg;		/* NULL: it is good */
};

static void
run(parser *parse, const struct row *r, size_t n)
{
	uint64_t	 v;

	for (; n > 0; n--, r++) {
		struct err	 e = ERR_INIT;

		v = UNTOUCHED;
		if (r->msg == NULL) {
			assert_int_equal(parse(r->text, r->min, r->max, &v,
			    "x", &e), 0);
			assert_int_equal(v, r->value);
			assert_int_equal(e.kind, ERR_NONE);
			continue;
		}
		assert_int_equal(parse(r->text, r->min, r->max, &v, "x", &e),
		    -1);
		assert_string_equal(e.msg, r->msg);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_int_equal(v, UNTOUCHED);
	}
}

static void
test_u64(void **state)
{
	static const struct row	 rows[] = {
		{ "0", 0, 9, 0, NULL },
		{ "9", 0, 9, 9, NULL },
		{ "007", 0, 9, 7, NULL },
		{ "18446744073709551615", 0, UINT64_MAX, UINT64_MAX, NULL },
		{ "10", 0, 9, 0, "x: found 10, expected 0 to 9" },
		{ "1", 2, 9, 0, "x: found 1, expected 2 to 9" },
		{ "18446744073709551616", 1, UINT64_MAX, 0,
		    "x: found 18446744073709551616, expected 1 or more "
		    "(in 64 bits)" },
		{ "99999999999999999999999999", 0, 16, 0,
		    "x: found 99999999999999999999999999, expected 0 to 16" },
		{ "", 0, 9, 0, "x: found \"\", expected a number" },
		{ "-1", 0, 9, 0, "x: found \"-1\", expected a number" },
		{ "+1", 0, 9, 0, "x: found \"+1\", expected a number" },
		{ " 1", 0, 9, 0, "x: found \" 1\", expected a number" },
		{ "1 ", 0, 9, 0, "x: found \"1 \", expected a number" },
		{ "0x1", 0, 9, 0, "x: found \"0x1\", expected a number" },
		{ "1k", 0, 9, 0, "x: found \"1k\", expected a number" },
		{ "1.0", 0, 9, 0, "x: found \"1.0\", expected a number" },
		{ "\xd9\xa1", 0, 9, 0,
		    "x: found \"\xd9\xa1\", expected a number" }
	};

	(void)state;
	run(parse_u64, rows, N(rows));
}

static void
test_size(void **state)
{
	static const struct row	 rows[] = {
		{ "0", 0, 9, 0, NULL },
		{ "1B", 0, 9, 1, NULL },
		{ "1k", 0, 4096, 1024, NULL },
		{ "1kB", 0, 4096, 1024, NULL },
		{ "3M", 0, UINT64_MAX, 3 << 20, NULL },
		{ "16MB", 0, UINT64_MAX, 16 << 20, NULL },
		{ "2G", 0, UINT64_MAX, UINT64_C(2) << 30, NULL },
		{ "2GB", 0, UINT64_MAX, UINT64_C(2) << 30, NULL },
		{ "5T", 0, UINT64_MAX, UINT64_C(5) << 40, NULL },
		{ "5TB", 0, UINT64_MAX, UINT64_C(5) << 40, NULL },
		{ "16777215T", 0, UINT64_MAX, UINT64_C(16777215) << 40,
		    NULL },
		{ "16777216T", 0, UINT64_MAX, 0,
		    "x: found 16777216T, expected 0 or more (in 64 bits)" },
		{ "1k", 65536, 4194304, 0,
		    "x: found 1k, expected 64kB to 4MB" },
		{ "1", 1, 1500, 1, NULL },
		{ "2k", 1, 1500, 0, "x: found 2k, expected 1B to 1500B" },
		{ "k", 0, 9, 0,
		    "x: found \"k\", expected something like 256k or 1G" },
		{ "1K", 0, 4096, 0,
		    "x: found \"1K\", expected something like 256k or 1G" },
		{ "1 k", 0, 4096, 0,
		    "x: found \"1 k\", expected something like 256k or 1G" },
		{ "1kk", 0, 4096, 0,
		    "x: found \"1kk\", expected something like 256k or 1G" },
		{ "1m", 0, UINT64_MAX, 0,
		    "x: found \"1m\", expected something like 256k or 1G" },
		{ "1.5M", 0, UINT64_MAX, 0,
		    "x: found \"1.5M\", expected something like 256k or 1G" },
		{ "-1k", 0, UINT64_MAX, 0,
		    "x: found \"-1k\", expected something like 256k or 1G" }
	};

	(void)state;
	run(parse_size, rows, N(rows));
}

static void
test_span(void **state)
{
	static const struct row	 rows[] = {
		{ "0", 0, 9, 0, NULL },
		{ "2", 0, UINT64_MAX, 2000, NULL },
		{ "2ms", 0, UINT64_MAX, 2, NULL },
		{ "2s", 0, UINT64_MAX, 2000, NULL },
		{ "2min", 0, UINT64_MAX, 120000, NULL },
		{ "2h", 0, UINT64_MAX, 7200000, NULL },
		{ "7d", 0, UINT64_MAX, 604800000, NULL },
		{ "213503982334d", 0, UINT64_MAX, UINT64_C(213503982334) *
		    86400000, NULL },
		{ "213503982335d", 0, UINT64_MAX, 0,
		    "x: found 213503982335d, expected 0 or more "
		    "(in 64 bits)" },
		{ "2h", 1000, 3600000, 0, "x: found 2h, expected 1s to 1h" },
		{ "1ms", 1500, 90000, 0,
		    "x: found 1ms, expected 1500ms to 90s" },
		{ "1m", 0, UINT64_MAX, 0,
		    "x: found \"1m\", expected something like 60s or 5min" },
		{ "1w", 0, UINT64_MAX, 0,
		    "x: found \"1w\", expected something like 60s or 5min" },
		{ "min", 0, UINT64_MAX, 0,
		    "x: found \"min\", expected something like 60s or 5min" }
	};

	(void)state;
	run(parse_span, rows, N(rows));
}

static void
test_bool(void **state)
{
	static const struct {
		const char	*text;
		int		 value;
	} rows[] = {
		{ "on", 1 }, { "ON", 1 }, { "yes", 1 }, { "True", 1 },
		{ "1", 1 }, { "off", 0 }, { "No", 0 }, { "false", 0 },
		{ "0", 0 }, { "", -1 }, { "o", -1 }, { "onn", -1 },
		{ "2", -1 }, { " on", -1 }, { "t", -1 }
	};
	size_t	 i;
	int	 v;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct err	 e = ERR_INIT;

		v = 7;
		assert_int_equal(parse_bool(rows[i].text, &v, "x", &e),
		    rows[i].value == -1 ? -1 : 0);
		assert_int_equal(v, rows[i].value == -1 ? 7 : rows[i].value);
		if (rows[i].value == -1)
			assert_non_null(strstr(e.msg, "expected on or off"));
	}
}

static void
test_hex(void **state)
{
	struct err	 e = ERR_INIT;
	uint8_t		 out[4] = { 9, 9, 9, 9 };

	(void)state;
	assert_int_equal(parse_hex("00fFA5", out, 3, "x", &e), 0);
	assert_memory_equal(out, "\x00\xff\xa5\x09", 4);
	assert_int_equal(parse_hex("", out, 0, "x", &e), 0);
	assert_int_equal(parse_hex("00ff", out, 3, "x", &e), -1);
	assert_string_equal(e.msg, "x: expected 6 hexadecimal digits");
	assert_int_equal(parse_hex("00ffaabb", out, 3, "x", &e), -1);
	assert_int_equal(parse_hex("00ffg0", out, 3, "x", &e), -1);
	assert_int_equal(parse_hex("0x00ff", out, 3, "x", &e), -1);
	assert_memory_equal(out, "\x00\xff\xa5\x09", 4);
}

static void
test_leading(void **state)
{
	uint64_t	 v = 9;

	(void)state;
	assert_string_equal(parse_leading("  15devel", 99, &v), "devel");
	assert_int_equal(v, 15);
	assert_string_equal(parse_leading("0", 0, &v), "");
	assert_int_equal(v, 0);
	assert_null(parse_leading("100", 99, &v));
	assert_null(parse_leading("-1", 99, &v));
	assert_null(parse_leading("", 99, &v));
	assert_null(parse_leading("18446744073709551616", UINT64_MAX, &v));
	assert_int_equal(v, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_bool),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_leading)
	};

	return (cmocka_run_group_tests_name("parse", tests, NULL, NULL));
}
