/* SPDX-License-Identifier: ISC */
/* LSNs as text: which are accepted or refused, and how they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "pg/lsn.h"

static void
reads(void **state)
{
	static const struct { const char *s; uint64_t v; const char *out; }
	t[] = {
		{ "0/0", 0, "0/0" },
		{ "16/B374D848", UINT64_C(0x16B374D848), "16/B374D848" },
		{ "16/b374d848", UINT64_C(0x16B374D848), "16/B374D848" },
		{ "00000001/00000002", UINT64_C(0x100000002), "1/2" },
		{ "FFFFFFFF/FFFFFFFF", UINT64_MAX, "FFFFFFFF/FFFFFFFF" },
	};
	struct err	 e = ERR_INIT;
	char		 buf[LSN_TEXT];
	uint64_t	 v;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(lsn_parse(t[i].s, &v, &e), 0);
		assert_true(v == t[i].v);
		assert_string_equal(lsn_format(buf, v), t[i].out);
	}
}

static void
refuses(void **state)
{
	static const char *const t[] = {
		"", "/", "1", "1/", "/1", "1//2", "1/2/3", "1/2 ", " 1/2",
		"1/G", "0x1/2", "-1/2", "123456789/0", "0/123456789", "1 /2",
		"1/2\n"
	};
	uint64_t	 v = 77;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(lsn_parse(t[i], &v, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_true(v == 77);
		assert_null(strchr(e.msg, '\n'));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
	};

	return (cmocka_run_group_tests_name("lsn", tests, NULL, NULL));
}
