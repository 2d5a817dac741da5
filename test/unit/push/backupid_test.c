/* SPDX-License-Identifier: ISC */
/* Each push has a directory of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "push/backupid.h"
#include "repoenv.h"
#include "testdir.h"

#define START	INT64_C(1795320001000000)	/* 2026-11-22 04:00:01 */

static struct repoenv	 env;

/* Two that start in the same second; a directory that was given back. */
static void
test_taken(void **state)
{
	struct connection	 w = { &env.conf, env.push, "main",
	    REPOENV_SYSTEM, NULL, 0 };
	char			 id[3][LAYOUT_ID];
	struct err		 e = ERR_INIT;
	int			 i;

	(void)state;
	for (i = 0; i < 3; i++)
		if (backupid_take(id[i], &w, START, &e))
			fail_msg("%s", e.msg);
	assert_string_equal(id[0], "20261122T040001Z");
	if (strcmp(id[1], "20261122T040001Z-2") != 0 ||
	    strcmp(id[2], "20261122T040001Z-3") != 0)
		fail_msg("two pushes have one directory: %s, %s, %s", id[0],
		    id[1], id[2]);
	assert_int_equal(access(testdir_path(repoenv_file("base/"
	    "20261122T040001Z-2")), F_OK), 0);
	backupid_return(id[1], &w);
	assert_int_equal(access(testdir_path(repoenv_file("base/"
	    "20261122T040001Z-2")), F_OK), -1);
	/* What holds something is not given back. */
	repoenv_put("base/20261122T040001Z/pack-00000001", "x");
	backupid_return(id[0], &w);
	assert_int_equal(access(testdir_path(repoenv_file("base/"
	    "20261122T040001Z/pack-00000001")), F_OK), 0);
	connection_drop(&w);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_taken,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
