/* SPDX-License-Identifier: ISC */
/* The newest backup over all clusters of a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "catalogue/newest.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;

static void
look(struct newest *n)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	if (newest_look(n, a, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

/* Offer one of the backups as if it were another cluster's. */
static void
offer(struct newest *n, const char *id, uint64_t system_id)
{
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c = NULL;
	struct err		 e = ERR_INIT;

	if (catalogue_load(&c, a, &e))
		fail_msg("%s", e.msg);
	newest_offer(n, c, id == NULL ? NULL : catalogue_find(c, id),
	    system_id);
	archive_free(a);
}

/* A cluster without a backup has none to offer, and takes none away. */
static void
test_none(void **state)
{
	struct newest	 n = { .label = NULL };

	(void)state;
	repoenv_marker(&env);
	look(&n);
	assert_null(n.label);
	assert_null(n.cat);
	repoenv_label(&env, ONE, 1, 4 * MB, 5 * MB, 1, NULL);
	look(&n);
	offer(&n, NULL, 7);
	assert_string_equal(n.label->id, ONE);
	assert_ptr_equal(n.label, catalogue_find(n.cat, ONE));
	newest_fini(&n);
	assert_null(n.label);
}

/* The newest by start, whichever cluster comes first. */
static void
test_newest(void **state)
{
	struct newest	 n = { .label = NULL };

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, TWO, 1, 6 * MB, 7 * MB, 30, NULL);
	repoenv_label(&env, ONE, 1, 4 * MB, 5 * MB, 1, NULL);
	offer(&n, ONE, 7);
	assert_int_equal(n.system_id, 7);
	look(&n);
	assert_string_equal(n.label->id, TWO);
	assert_int_equal(n.system_id, REPOENV_SYSTEM);
	offer(&n, ONE, 9);
	assert_string_equal(n.label->id, TWO);
	assert_int_equal(n.system_id, REPOENV_SYSTEM);
	newest_fini(&n);
}

/* Of two that began together the first stays. */
static void
test_twins(void **state)
{
	struct newest	 n = { .label = NULL };

	(void)state;
	repoenv_marker(&env);
	repoenv_label(&env, ONE, 1, 4 * MB, 5 * MB, 1, NULL);
	offer(&n, ONE, 9);
	offer(&n, ONE, 7);
	assert_int_equal(n.system_id, 9);
	newest_fini(&n);
}

/* A repository that cannot be read is not one without backups. */
static void
test_absent(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct newest	 n = { .label = NULL };
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(newest_look(&n, a, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	archive_free(a);
	newest_fini(&n);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_none),
		T(test_newest),
		T(test_twins),
		T(test_absent),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
