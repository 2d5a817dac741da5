/* SPDX-License-Identifier: ISC */
/* What --show-config prints, and what it does not print. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "testdir.h"
#include "tool/confkey.h"
#include "tool/confshow.h"

/* Print, with the folder of the test as T. */
static char *
shown(const char *program, struct conf_source *src, int rc, struct err *e)
{
	const size_t	 n = strlen(testdir_path(""));
	char		*text = NULL, *p;
	size_t		 size;
	FILE		*out;

	src->config = testdir_path("c");
	out = open_memstream(&text, &size);
	assert_non_null(out);
	*e = (struct err)ERR_INIT;
	assert_int_equal(confshow_print(out, program, src, e), rc);
	assert_int_equal(fclose(out), 0);
	while ((p = strstr(text, testdir_path(""))) != NULL) {
		*p++ = 'T';
		memmove(p, p + n - 1, strlen(p + n - 1) + 1);
	}
	return (text);
}

static void
assert_line(const char *text, const char *line)
{
	char	 whole[256];

	(void)snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (strstr(text, whole) == NULL)
		fail_msg("no line \"%s\" in\n%s", line, text);
}

static void
test_origins(void **state)
{
	static const char	*set[] = { "jobs=3", "slot=a", "jobs=4" };
	struct conf_source	 src = { .server = "b",
				    .set = { set, 3 } };
	struct err		 e;
	char			*text;

	(void)state;
	testdir_text("c", "[seawall]\ninclude_dir = c.d\nchecksum = off\n"
	    "wal_wait = 2h\n[a]\n");
	assert_int_equal(mkdir(testdir_path("c.d"), 0700), 0);
	testdir_text("c.d/b.conf", "# b\n[b]\nwal_wait = 3h\n"
	    "conninfo = host=x password=secret\n");
	text = shown("base-push", &src, 0, &e);
	assert_memory_equal(text, "[b]  (T/c.d/b.conf:2)\n", 22);
	assert_line(text, "include_dir = c.d  (T/c:2)");
	assert_line(text, "repository =  (not set)");
	assert_line(text, "checksum = off  (T/c:3)");
	assert_line(text, "wal_wait = 3h  (T/c.d/b.conf:3)");
	assert_line(text, "jobs = 4  (--set)");
	assert_line(text, "retry_for = 1h  (default)");
	assert_line(text, "conninfo = ...  (T/c.d/b.conf:4, hidden: has a "
	    "password)");
	assert_null(strstr(text, "secret"));
	/* It does not use what others use. */
	assert_null(strstr(text, "slot"));
	free(text);
	src.trust = "0123456789abcdef";
	text = shown("base-fetch", &src, 0, &e);
	assert_line(text, "trust_signer = 0123456789abcdef  "
	    "(--trust-signer)");
	free(text);
}

static void
test_all(void **state)
{
	struct conf_source	 src = { .server = NULL };
	struct err		 e;
	char			*text;

	(void)state;
	testdir_text("c", "[a]\n[b]\njobs = 9\n");
	text = shown("base-push", &src, 0, &e);
	assert_memory_equal(text, "[a]  (T/c:1)\n", 13);
	assert_line(text, "\n[b]  (T/c:2)");
	free(text);
	src.server = "nobody";
	free(shown("base-push", &src, -1, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	testdir_text("c", "[a]\njobs = 99\n");
	src.server = NULL;
	free(shown("base-push", &src, -1, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
}

static void
test_secrets(void **state)
{
	static const char *const	 secret[] = {
		"host=x password=y", "password = 'a b'", "sslpassword=x",
		"postgres://u:p@h/db", "postgresql://:p@h",
		"postgresql://u:p@h,h2:5432/db?application_name=x",
		"postgresql://h/db?password=x",
		"postgresql://h/db?pass%77ord=x",
		"oauth_client_secret=x", "scram_client_key=x"
	};
	static const char *const	 plain[] = {
		"", "host=x port=5432 user=seawall", "service=main",
		"postgresql://u@h:5432/db?sslmode=verify-full",
		"postgresql://h1:5432,h2:5433/", "host=x sslkey=/etc/k"
	};
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (!confshow_is_secret(secret[i]))
			fail_msg("%s", secret[i]);
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (confshow_is_secret(plain[i]))
			fail_msg("%s", plain[i]);
}

static void
test_uses(void **state)
{
	const struct confkey	*k;
	size_t			 i;

	(void)state;
	assert_true(confshow_uses("wal-push", "key"));
	assert_false(confshow_uses("wal-fetch", "key"));
	assert_true(confshow_uses("wal-fetch", "fetch_ahead"));
	assert_true(confshow_uses("backup-show", "repository"));
	assert_false(confshow_uses("base-push", "slot"));
	assert_true(confshow_uses("wal-receive", "log_file"));
	for (i = 0; (k = confkey_at(i)) != NULL; i++)
		if (confshow_uses("no-program", k->name))
			fail_msg("confshow.c does not say which programs use "
			    "%s", k->name);
	/* Not by the beginning of a name. */
	assert_false(confshow_uses("base", "jobs"));
	assert_false(confshow_uses("push", "push_jobs"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_uses)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
