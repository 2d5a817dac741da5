/* SPDX-License-Identifier: ISC */
/* A folder of WAL that cannot be listed is no gap. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "check/factrepo.h"
#include "disk/diskcalls.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define FOLDER	"wal/00000001/00000000"

static struct repoenv		 env;
static struct check_conf	 conf = { .server = "main" };
static struct checkfacts	 f;

static void
test_hidden(void **state)
{
	(void)state;
	repoenv_segment(&env, FOLDER "/000000010000000000000005");
	repoenv_backup(&env, REPOENV_ID, 1, MB * 5, MB * 6, 600, NULL);
	f.conf = &conf;
	conf.store = &env.conf;
	conf.key = env.public;
	diskcalls_refuse('d', FOLDER, EACCES, 0);
	factrepo_load(&f);
	assert_string_not_equal(diskcalls_failed(), "");
	diskcalls_allow();
	assert_false(f.listed);
	assert_non_null(strstr(f.repo_why.msg, FOLDER));
	checkfacts_fini(&f);
	f.conf = &conf;
	factrepo_load(&f);
	assert_true(f.listed);
	checkfacts_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_hidden,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
