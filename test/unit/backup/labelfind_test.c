/* SPDX-License-Identifier: ISC */
/* Labels that are looked for in a repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "backup/labelfind.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;

/* The newest that can be trusted, of the size that is asked for. */
static void
test_labels(void **state)
{
	struct archive	*a;
	struct label	*l = NULL;
	struct err	 why = ERR_INIT, e = ERR_INIT;

	(void)state;
	repoenv_marker(&env);
	a = repoenv_open(&env, env.push);
	assert_int_equal(labelfind_newest(&l, a, 0, &why, &e), 1);
	assert_int_equal(labelfind_load(&l, a, ONE, &why, &e), 1);
	assert_int_equal(why.kind, ERR_NONE);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 1, NULL);
	repoenv_put("base/" TWO "/label", "nonsense");
	repoenv_put("base/20261103T000000Z/manifest", "of an unfinished one");
	assert_int_equal(labelfind_newest(&l, a, 262144, &why, &e), 0);
	assert_string_equal(l->id, ONE);
	assert_int_equal(why.kind, ERR_CORRUPT);
	label_free(l);
	assert_int_equal(labelfind_newest(&l, a, 131072, &why, &e), 1);
	assert_int_equal(labelfind_load(&l, a, TWO, &why, &e), 1);
	assert_int_equal(labelfind_load(&l, a, ONE, &why, &e), 0);
	label_free(l);
	archive_free(a);
}

/* Any number of newer ones that cannot be read, or trusted, hide none. */
static void
test_hidden(void **state)
{
	struct archive	*a;
	struct label	*l = NULL;
	struct err	 why = ERR_INIT, e = ERR_INIT;
	char		 path[64];
	unsigned	 i;

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, MB, 2 * MB, 1, NULL);
	for (i = 0; i < 150; i++) {
		(void)snprintf(path, sizeof(path), "base/20261102T%06uZ/"
		    "label%s", i, i % 2 == 0 ? "/directory" : "");
		repoenv_put(path, "nonsense");
	}
	a = repoenv_open(&env, env.push);
	assert_int_equal(labelfind_newest(&l, a, 0, &why, &e), 0);
	assert_string_equal(l->id, ONE);
	assert_int_equal(why.kind, ERR_CORRUPT);
	assert_non_null(strstr(why.msg, "label of 20261102T000149Z"));
	label_free(l);
	err_clear(&why);
	assert_int_equal(labelfind_load(&l, a, "20261102T000000Z", &why, &e),
	    1);
	assert_int_equal(why.kind, ERR_CORRUPT);
	archive_free(a);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_labels,
		    repoenv_setup, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_hidden,
		    repoenv_setup, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
