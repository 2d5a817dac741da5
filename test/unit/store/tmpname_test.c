/* SPDX-License-Identifier: ISC */
/* The names of uploads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "store/tmpname.h"

#define H16	"0123456789abcdef"

static void
test_form(void **state)
{
	static const struct {
		const char	*name;
		int		 want;
	} cases[] = {
		{ H16 H16 "-" H16, 1 },
		{ H16 "01234567", 1 },		/* of earlier versions */
		{ "", 0 },
		{ "-", 0 },
		{ H16, 0 },
		{ H16 H16, 0 },
		{ H16 H16 "-", 0 },
		{ H16 H16 "-" H16 "0", 0 },
		{ H16 H16 "-" H16 "-", 0 },
		{ H16 H16 "-0123456789abcde", 0 },
		{ H16 H16 "0-" H16, 0 },
		{ H16 "-" H16, 0 },
		{ H16 H16 "-0123456789ABCDEF", 0 },
		{ H16 H16 "_" H16, 0 },
		{ H16 H16 "-0123456789abcdeg", 0 },
		{ H16 "012345678", 0 },
		{ H16 "0123456X", 0 },
		{ H16 "01234567-" H16, 0 },
		{ "precious.txt", 0 },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tmpname_is(cases[i].name) != cases[i].want)
			fail_msg("\"%s\"", cases[i].name);
}

static void
test_prefix(void **state)
{
	char	 begin[TMPNAME], name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "%s" H16, tmpname_prefix(begin,
	    "wal/00000002.history"));
	assert_int_equal(strlen(name), TMPNAME - 1);
	assert_int_equal(tmpname_is(name), 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_prefix),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
