/* SPDX-License-Identifier: ISC */
/* What is read out of a server's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "drill/drilllog.h"
#include "testdir.h"

#define AT	"2026-11-30 12:00:00.000 UTC [7] "

static int
fatal(char why[DRILLLOG_LINE], int *status, const char *text)
{
	const char	*path = testdir_path("log");
	struct err	 e = ERR_INIT;

	assert_int_equal(io_save(path, 0600, text, strlen(text), 1, &e), 0);
	return (drilllog_fatal(why, status, path));
}

static void
test_lines(void **state)
{
	struct drilllog	 l;
	int		 i;

	(void)state;
	memset(&l, 0, sizeof(l));
	drilllog_add(&l, AT "LOG:  redo starts at 0/2000028");
	drilllog_add(&l, AT "LOG:  recovery stopping before commit of x");
	drilllog_add(&l, AT "LOG:  says ERROR:  of something");
	drilllog_add(&l, "a line of something else: ERROR:  x");
	assert_int_equal(l.n, 0);
	assert_string_equal(l.stopped, "recovery stopping before commit of "
	    "x");
	for (i = 0; i < DRILLLOG_MOST + 5; i++)
		drilllog_add(&l, AT "WARNING:  page\001");
	assert_int_equal(l.n, DRILLLOG_MOST);
	assert_int_equal(l.all, DRILLLOG_MOST + 5);
	assert_string_equal(l.trouble[0], "WARNING:  page?");
}

static void
test_fatal(void **state)
{
	char	 why[DRILLLOG_LINE];
	int	 status;

	(void)state;
	assert_int_equal(fatal(why, &status, AT "LOG:  starts\n"), 1);
	assert_int_equal(fatal(why, &status, AT "ERROR:  first\n" AT
	    "FATAL:  resource manager with ID 128 not registered\n" AT
	    "HINT:  Include the module.\n" AT "LOG:  startup ended\n"), 0);
	assert_string_equal(why, "resource manager with ID 128 not registered"
	    "; Include the module.");
	assert_int_equal(status, 0);
	assert_int_equal(fatal(why, &status, "wal-fetch: 0001: repository "
	    "does not answer\n" AT "FATAL:  could not restore file \"0001\" "
	    "from archive: child process exited with exit code 205\n"), 0);
	assert_string_equal(why, "wal-fetch: 0001: repository does not "
	    "answer");
	assert_int_equal(status, 205);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_fatal)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
