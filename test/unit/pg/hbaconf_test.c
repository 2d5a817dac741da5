/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pg/hbaconf.h"

/* What of these files is a name, as "kind value|". */
static const struct {
	const char	*text, *names;
} cases[] = {
	{ "", "" },
	{ "local all all trust\n", "" },
	{ "local @dbs all trust\n", "1 dbs|" },
	{ "local a,@dbs,b +u,@\"my users\" md5", "1 dbs|1 my users|" },
	{ "local \"@dbs\" all trust", "" },
	{ "local @ all trust", "" },
	{ "# local @dbs all\nlocal all all # @more\n", "" },
	{ "include /etc/a.conf", "1 /etc/a.conf|" },
	{ "  include\t\"a b.conf\"   # why\n", "1 a b.conf|" },
	{ "include_if_exists x\r\ninclude_dir conf.d\n", "2 x|3 conf.d|" },
	{ "include a b\n", "" },
	{ "include a,b\n", "" },
	{ "include a,\n", "" },
	{ "include,a\n", "" },
	{ "include\na\n", "" },
	{ "include \\\na\ninclude b", "1 a|1 b|" },
	{ "include \"\"\n", "" },
	{ "include \"say \"\"no\"\"\"\n", "1 say \"no\"|" },
	{ "host all all 0/0 ldap ldapbindpasswd=\"in#clude @x\"\n", "" },
	{ "map /^(.*)@example\\.com$ \\1\n", "" },
	{ "all @a\nall @b", "1 a|1 b|" },
	{ "include \"no end\nlocal @x y", "1 no end|1 x|" },
};

static void
test_names(void **state)
{
	static struct hbaconf_name	 name;
	char				 got[256];
	const char			*at, *end;
	size_t				 i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		name = (struct hbaconf_name){ .n = 0 };
		at = cases[i].text;
		end = at + strlen(at);
		got[0] = '\0';
		n = 0;
		while (hbaconf_next(&at, end, &name))
			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    "%d %s|", (int)name.kind, name.value);
		if (strcmp(got, cases[i].names) != 0)
			fail_msg("%s: got %s, expected %s", cases[i].text,
			    got, cases[i].names);
		assert_ptr_equal(at, end);
	}
}

/* A name that does not fit is no name, and the next one is found. */
static void
test_long(void **state)
{
	static struct hbaconf_name	 name;
	static char			 text[9000];
	const char			*at = text;

	(void)state;
	(void)memset(text, 'a', sizeof(text));
	text[0] = '@';
	(void)memcpy(text + 8000, "\nx @b\n", 7);
	name = (struct hbaconf_name){ .n = 0 };
	assert_int_equal(hbaconf_next(&at, text + strlen(text), &name), 1);
	assert_string_equal(name.value, "b");
}

/* A NUL byte, which a hostile file may hold, ends no name early. */
static void
test_nul(void **state)
{
	static struct hbaconf_name	 name;
	static const char		 text[] = "include a\0b\ninclude c";
	const char			*at = text;

	(void)state;
	name = (struct hbaconf_name){ .n = 0 };
	assert_int_equal(hbaconf_next(&at, text + sizeof(text) - 1, &name),
	    1);
	assert_string_equal(name.value, "c");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_nul),
	};

	return (cmocka_run_group_tests_name("hbaconf", tests, NULL, NULL));
}
