/* SPDX-License-Identifier: ISC */
/* What a pin's bytes and names may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/pin.h"
#include "catalogue/pinaside.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEC	INT64_C(1000000)
#define REST	"\"created\":\"2026-11-22T04:00:01Z\",\"seawall\":\"1\"}\n"

static void
test_text(void **state)
{
	static const struct {
		const char	*text, *msg;	/* NULL: good */
		int64_t		 until;
	} cases[] = {
		{ "seawall pin 1\n{\"until\":null," REST, NULL, PIN_FOREVER },
		{ "seawall pin 1\n{\"until\":\"1970-01-01T00:00:01Z\","
		    REST, NULL, SEC },
		{ "seawall pin 1\n{\"until\":null,\"more\":7," REST, NULL,
		    PIN_FOREVER },
		{ "", "is not a pin of version 1", 0 },
		{ "seawall pin 2\n{\"until\":null," REST,
		    "is not a pin of version 1", 0 },
		{ "seawall pin 1\n{\"until\":null}\n",
		    "JSON: expected \"created\" to be text", 0 },
		{ "seawall pin 1\n{" REST,
		    "JSON: expected \"until\" to be text", 0 },
		{ "seawall pin 1\n{\"until\":7," REST,
		    "JSON: expected \"until\" to be text", 0 },
		{ "seawall pin 1\n{\"until\":\"1970-01-01\"," REST,
		    "until: expected a time like 2026-11-22T04:00:01Z", 0 },
		{ "seawall pin 1\n{\"until\":null,\"until\":null," REST,
		    NULL, 0 },
		{ "seawall pin 1\n[]\n", NULL, 0 }
	};
	struct err	 e;
	int64_t		 until;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		e = (struct err)ERR_INIT;
		n = strlen(cases[i].text);
		if (cases[i].until != 0) {
			assert_int_equal(pin_parse(cases[i].text, n, &until,
			    &e), 0);
			assert_true(until == cases[i].until);
			/* Cut short anywhere it is damage. */
			while (n-- > 0) {
				e = (struct err)ERR_INIT;
				assert_int_equal(pin_parse(cases[i].text, n,
				    &until, &e), -1);
				assert_int_equal(e.kind, ERR_CORRUPT);
			}
			continue;
		}
		assert_int_equal(pin_parse(cases[i].text, n, &until, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		if (cases[i].msg != NULL)
			assert_string_equal(e.msg, cases[i].msg);
	}
}

/* Names that a pin aside may have, and that it must not. */
static void
test_aside_names(void **state)
{
	(void)state;
	assert_true(pinaside_is_name("pin-1764000000000000-77"));
	assert_false(pinaside_is_name("pin"));
	assert_false(pinaside_is_name("pack-00000001"));
	assert_false(pinaside_is_name("pin-1/../label"));
	assert_false(pinaside_is_name("pin-a"));
	assert_false(pinaside_is_name("pin-111111111111111111111111111111111111"
	    "1111111111111111111111111111111111111"));
}

/* What each kind is called, and whether it keeps its backup. */
static void
test_kinds(void **state)
{
	static const struct {
		enum pin_kind	 kind;
		int64_t		 until;
		int		 holds;		/* at 5 s */
		const char	*text;
	} cases[] = {
		{ PIN_NONE, 0, 0, "" },
		{ PIN_WITHDRAWN, PIN_FOREVER, 0, "" },
		{ PIN_SET, PIN_FOREVER, 1, "pinned" },
		{ PIN_SET, 6 * SEC, 1, "pinned until 1970-01-01T00:00:06Z" },
		{ PIN_SET, 5 * SEC, 0, "pinned until 1970-01-01T00:00:05Z" },
		{ PIN_UNREADABLE, PIN_FOREVER, 1,
		    "pinned by something that cannot be read" },
	};
	struct pin	 p;
	char		 text[PIN_TEXT];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		p = (struct pin){ .kind = cases[i].kind,
		    .until_us = cases[i].until };
		assert_int_equal(pin_holds(&p, 5 * SEC), cases[i].holds);
		assert_string_equal(pin_format(text, &p), cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_aside_names),
		cmocka_unit_test(test_kinds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
