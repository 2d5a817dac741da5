/* SPDX-License-Identifier: ISC */
/* Lines of postgresql.conf: what is a setting, and what its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pg/pgconf.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_lines(void **state)
{
	static const struct {
		const char		*text;
		const char		*name, *value;	/* NULL: no setting */
		enum pgconf_kind	 kind;
	} rows[] = {
		{ "a = 1", "a", "1", PGCONF_SETTING },
		{ "a=1\n", "a", "1", PGCONF_SETTING },
		{ "  Work_Mem 5MB # more\r\n", "work_mem", "5MB",
		    PGCONF_SETTING },
		{ "a 'b'", "a", "b", PGCONF_SETTING },
		{ "a'b'", "a", "b", PGCONF_SETTING },
		{ "a = ''", "a", "", PGCONF_SETTING },
		{ "a = 'it''s'", "a", "it's", PGCONF_SETTING },
		{ "a = 'it\\'s'", "a", "it's", PGCONF_SETTING },
		{ "a = 'x\\101\\t\\z\\\\'", "a", "xA\tz\\", PGCONF_SETTING },
		{ "a = 'b # c'", "a", "b # c", PGCONF_SETTING },
		{ "cron.x = on", "cron.x", "on", PGCONF_SETTING },
		{ "a = /etc/x-1.conf", "a", "/etc/x-1.conf", PGCONF_SETTING },
		{ "a = -1.5e+3", "a", "-1.5e+3", PGCONF_SETTING },
		{ "include 'x.conf'", "include", "x.conf", PGCONF_INCLUDE },
		{ "INCLUDE_IF_EXISTS = 'x'", "include_if_exists", "x",
		    PGCONF_INCLUDE_IF_EXISTS },
		{ "include_dir conf.d", "include_dir", "conf.d",
		    PGCONF_INCLUDE_DIR },
		{ "# a = 1", NULL, NULL, PGCONF_SETTING },
		{ "", NULL, NULL, PGCONF_SETTING },
		{ "a", NULL, NULL, PGCONF_SETTING },
		{ "a =", NULL, NULL, PGCONF_SETTING },
		{ "a = 'b", NULL, NULL, PGCONF_SETTING },
		{ "a = 'b\\", NULL, NULL, PGCONF_SETTING },
		{ "a = 'b' c", NULL, NULL, PGCONF_SETTING },
		{ "a = b = c", NULL, NULL, PGCONF_SETTING },
		{ "a == b", NULL, NULL, PGCONF_SETTING },
		{ "1a = b", NULL, NULL, PGCONF_SETTING },
		{ "a = 'b\\000c'", NULL, NULL, PGCONF_SETTING }
	};
	struct pgconf_line	 l;
	const char		*at;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		const char	*end = rows[i].text + strlen(rows[i].text);

		at = rows[i].text;
		assert_int_equal(pgconf_next(&at, end, &l),
		    rows[i].name != NULL);
		if (rows[i].name != NULL) {
			assert_string_equal(l.name, rows[i].name);
			assert_string_equal(l.value, rows[i].value);
			assert_int_equal(l.kind, rows[i].kind);
			assert_int_equal(pgconf_next(&at, end, &l), 0);
		}
		assert_ptr_equal(at, end);
	}
}

/* What cannot be read is passed over, and the rest is read. */
static void
test_many(void **state)
{
	static char		 text[20000];
	struct pgconf_line	 l;
	const char		*at = text;

	(void)state;
	(void)strcpy(text, "a = 1\nbad line here\nlong = '");
	memset(text + strlen(text), 'x', 9000);
	(void)strcat(text, "'\nb = 2");
	assert_int_equal(pgconf_next(&at, text + strlen(text), &l), 1);
	assert_string_equal(l.name, "a");
	assert_int_equal(pgconf_next(&at, text + strlen(text), &l), 1);
	assert_string_equal(l.name, "b");
	assert_int_equal(pgconf_next(&at, text + strlen(text), &l), 0);
}

static void
test_list(void **state)
{
	const char	*at = " pg_cron,Auto_Explain , \"My, lib\"x,, "
	    "$libdir/y";
	char		 name[12];

	(void)state;
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 1);
	assert_string_equal(name, "pg_cron");
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 1);
	assert_string_equal(name, "Auto_Explai");
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 1);
	assert_string_equal(name, "My, libx");
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 1);
	assert_string_equal(name, "$libdir/y");
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 0);
	assert_int_equal(pgconf_list_next(&at, name, sizeof(name)), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_list)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
