/* SPDX-License-Identifier: ISC */
/* What the first push of a cluster says of those before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backup/othercluster.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"
#define FIRST	UINT64_C(7300000000000000001)

static struct repoenv	 env;
static char		 said[OTHERCLUSTER_TEXT];

/* Ask as cluster REPOENV_SYSTEM. */
static int
ask(void)
{
	struct err	 e = ERR_INIT;
	int		 rc;

	rc = othercluster_text(said, &env.conf, env.push, "main",
	    REPOENV_SYSTEM, &e);
	if (rc == -1)
		fail_msg("%s", e.msg);
	return (rc);
}

static void
expect(const char *part)
{
	if (strstr(said, part) == NULL)
		fail_msg("%s", said);
}

static void
test_others(void **state)
{
	(void)state;
	assert_int_equal(ask(), 1);
	repoenv_marker(&env);
	assert_int_equal(ask(), 1);	/* itself */
	/* What a refused push left is none. */
	repoenv_put("../17/tmp/x", "x");
	assert_int_equal(ask(), 1);

	env.system_id = FIRST;
	repoenv_marker(&env);
	assert_int_equal(ask(), 0);
	expect("cluster 7301234567890123456 is new; server main has had "
	    "another one, system identifier 7300000000000000001 (in the "
	    "repository since 2");
	expect("without a backup)");
	assert_null(strstr(said, "base-fetch"));
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 1, NULL);
	repoenv_label(&env, TWO, 1, 3 * MB, 4 * MB, 5, NULL);
	assert_int_equal(ask(), 0);
	expect("last backup " TWO ")");
	expect("base-fetch --system-id 7300000000000000001");

	/* Of several, the one with the newest backup. */
	env.system_id = FIRST + 1;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 1, NULL);
	assert_int_equal(ask(), 0);
	expect("identifier 7300000000000000001 (");
	expect("last backup " TWO ") and 1 more");

	/* Once the cluster itself has a backup there is nothing to say. */
	env.system_id = REPOENV_SYSTEM;
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 1, NULL);
	assert_int_equal(ask(), 1);
}

/* What this key cannot check is left out; that there is something is not. */
static void
test_unreadable(void **state)
{
	(void)state;
	repoenv_put("../17/system", "nonsense");
	repoenv_put("../17/base/" ONE "/label", "nonsense");
	assert_int_equal(ask(), 0);
	expect("system identifier 17 (without a backup)");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_others),
		T(test_unreadable)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
