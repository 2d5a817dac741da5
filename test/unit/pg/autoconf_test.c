/* SPDX-License-Identifier: ISC */
/* Quoting: tables, and the words that a real shell makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pg/autoconf.h"

typedef int	 quote(char *, size_t, const char *, struct err *);

static void
check(quote *f, const char *in, const char *want)
{
	struct err	 e = ERR_INIT;
	char		 buf[128];
	size_t		 n;

	assert_int_equal(f(buf, sizeof(buf), in, &e), 0);
	assert_string_equal(buf, want);
	/* It fails in any buffer that is too small. */
	for (n = 0; n < strlen(want) + 1; n++) {
		err_clear(&e);
		assert_int_equal(f(buf, n, in, &e), -1);
		assert_int_equal(e.kind, ERR_LOCAL);
	}
	err_clear(&e);
	assert_int_equal(f(buf, n, in, &e), 0);
	assert_string_equal(buf, want);
}

static int
setting(char *buf, size_t size, const char *s, struct err *e)
{
	return (autoconf_setting(buf, size, "restore_command", s, e));
}

static void
tables(void **state)
{
	(void)state;
	check(autoconf_shell, "/usr/bin/wal-fetch", "/usr/bin/wal-fetch");
	check(autoconf_shell, "", "''");
	check(autoconf_shell, "a b", "'a b'");
	check(autoconf_shell, "it's", "'it'\\''s'");
	check(autoconf_shell, "'", "''\\'''");
	check(autoconf_shell, "$HOME", "'$HOME'");
	check(autoconf_shell, "~x", "'~x'");
	check(autoconf_shell, "a%b", "'a%b'");
	check(autoconf_shell, "na\303\257ve", "'na\303\257ve'");
	check(autoconf_percent, "", "");
	check(autoconf_percent, "a%fb%%", "a%%fb%%%%");
	check(setting, "", "restore_command = ''\n");
	check(setting, "wal-fetch %f %p",
	    "restore_command = 'wal-fetch %f %p'\n");
	check(setting, "it's a \\", "restore_command = 'it''s a \\\\'\n");
}

static void
control_characters(void **state)
{
	quote *const	 all[] = { autoconf_shell, autoconf_percent, setting };
	char		 in[] = "a?b", buf[64];
	size_t		 i;
	int		 c;

	(void)state;
	for (i = 0; i < 3; i++)
		for (c = 1; c < 256; c++) {
			struct err	 e = ERR_INIT;

			in[1] = (char)c;
			assert_int_equal(all[i](buf, sizeof(buf), in, &e),
			    c < 32 || c == 127 ? -1 : 0);
			if (e.kind != ERR_NONE)
				assert_string_equal(e.msg, "cannot be quoted: "
				    "\"a?b\" holds a line feed or another "
				    "control character");
		}
}

/* sh passes on every allowed character unchanged. */
static void
through_sh(void **state)
{
	char		 in[256], word[1100], cmd[1200], out[256];
	struct err	 e = ERR_INIT;
	size_t		 n = 0;
	FILE		*f;
	int		 c;

	(void)state;
	for (c = 32; c < 256; c++)
		if (c != 127)
			in[n++] = (char)c;
	in[n] = '\0';
	assert_int_equal(autoconf_shell(word, sizeof(word), in, &e), 0);
	(void)snprintf(cmd, sizeof(cmd), "printf %%s %s", word);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(fread(out, 1, sizeof(out), f), n);
	assert_int_equal(pclose(f), 0);
	assert_memory_equal(out, in, n);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(through_sh),
	};

	return (cmocka_run_group_tests_name("autoconf", tests, NULL, NULL));
}
