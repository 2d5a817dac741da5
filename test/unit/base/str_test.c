/* SPDX-License-Identifier: ISC */
/* Strings: formatting that reports a cut, clean text, hexadecimal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void
test_fmt(void **state)
{
	struct err	 e = ERR_INIT;
	char		 buf[8];

	(void)state;
	assert_int_equal(str_fmt(buf, sizeof(buf), &e, "%s%d", "abcdef", 7),
	    0);
	assert_string_equal(buf, "abcdef7");
	assert_int_equal(str_fmt(buf, sizeof(buf), &e, "%s", "abcdefgh"), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_equal(e.msg,
	    "too long (more than 7 bytes): abcdefg...");
}

static void
test_dup(void **state)
{
	struct err	 e = ERR_INIT;
	char		*copy = NULL;

	(void)state;
	assert_int_equal(str_dup(&copy, "x", &e), 0);
	assert_string_equal(copy, "x");
	free(copy);
}

static void
test_clean(void **state)
{
	static const struct {
		const char	*from, *to;
	} v[] = {
		{ "Z\u00fcrich \u20ac \U0001f418",
		    "Z\u00fcrich \u20ac \U0001f418" },
		{ "\xc2\xa0 \xf4\x8f\xbf\xbf", "\xc2\xa0 \xf4\x8f\xbf\xbf" },
		/* Controls: escape, DEL, CSI and NEL of C1. */
		{ "a\033[2J\177", "a?[2J?" },
		{ "a\xc2\x9b" "2J\xc2\x85\xc2\x80\xc2\x9f", "a??2J??????" },
		/* Latin-1; a sequence that ends early; one byte too many. */
		{ "Z\xfcrich", "Z?rich" },
		{ "\xe2\x82", "??" },
		{ "\xe2\x82z", "??z" },
		{ "\xc3\xbc\xbc", "\xc3\xbc?" },
		/* Overlong: '/', U+07FF, U+FFFF. */
		{ "\xc0\xaf", "??" },
		{ "\xe0\x9f\xbf", "???" },
		{ "\xf0\x8f\xbf\xbf", "????" },
		/* A surrogate, and beyond U+10FFFF. */
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xf8\x88\x80\x80\x80", "?????" },
		{ "\xff\xfe", "??" }
	};
	char	 buf[32];
	size_t	 i;

	(void)state;
	assert_string_equal(str_clean(buf, 6, "a\n\033\x7f\xc3", 5), "a????");
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_string_equal(str_clean(buf, sizeof(buf), v[i].from,
		    strlen(v[i].from)), v[i].to);
	/* A character is whole or left out. */
	assert_string_equal(str_clean(buf, 4, "ab\u00fc", 4), "ab");
	assert_string_equal(str_clean(buf, 5, "ab\u00fc", 4), "ab\u00fc");
	assert_string_equal(str_clean(buf, 6, "ab\u00fc", 3), "ab?");
	assert_string_equal(str_clean(buf, 6, "abcdefgh", 8), "abcde");
	assert_string_equal(str_clean(buf, 6, "ab", 2), "ab");
	assert_string_equal(str_clean(buf, 6, "a\0b", 3), "a?b");
	assert_string_equal(str_clean(buf, 6, "", 0), "");
	assert_string_equal(str_clean(buf, 1, "ab", 2), "");
}

static void
test_hex(void **state)
{
	const uint8_t	 raw[] = { 0x00, 0x0f, 0xf0, 0xa5 };
	char		 buf[9];

	(void)state;
	assert_string_equal(str_hex(buf, raw, 4), "000ff0a5");
	assert_string_equal(str_hex(buf, raw, 0), "");
}

static void
test_begins(void **state)
{
	(void)state;
	assert_true(str_begins("abc", "ab"));
	assert_true(str_begins("abc", ""));
	assert_true(str_begins("abc", "abc"));
	assert_false(str_begins("ab", "abc"));
	assert_false(str_begins("", "a"));
}

static void
test_line(void **state)
{
	(void)state;
	assert_string_equal(str_line("a\nb\n", 1), "a\nb\n");
	assert_string_equal(str_line("a\nb\n", 2), "b\n");
	assert_string_equal(str_line("a\nb\n", 3), "");
	assert_null(str_line("a\nb\n", 4));
	assert_null(str_line("", 2));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_fmt),
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_begins),
		cmocka_unit_test(test_line)
	};

	return (cmocka_run_group_tests_name("str", tests, NULL, NULL));
}
