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
	char	 buf[6];

	(void)state;
	assert_string_equal(str_clean(buf, 6, "a\n\033\x7f\xc3", 5), "a????");
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

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_fmt),
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_begins)
	};

	return (cmocka_run_group_tests_name("str", tests, NULL, NULL));
}
