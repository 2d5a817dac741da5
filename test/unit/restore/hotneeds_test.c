/* SPDX-License-Identifier: ISC */
/* The settings that hot standby needs, by the labels of later backups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "repoenv.h"
#include "restore/hotneeds.h"

#define MB	((uint64_t)1 << 20)
#define A	"20261101T000000Z"
#define B	"20261102T000000Z"
#define C	"20261103T000000Z"
#define D	"20261104T000000Z"

static struct repoenv	 env;

static void
put(const char *id, uint32_t tli, uint64_t mb, unsigned hour, int known,
    uint32_t connections, uint32_t workers)
{
	env.hot = (struct hotsettings){ known, { connections, workers, 10, 0,
	    64 } };
	repoenv_label(&env, id, tli, mb * MB, (mb + 1) * MB, hour, NULL);
}

static void
check(const char *from, const char *connections, uint32_t n,
    const char *workers, uint32_t m)
{
	struct archive			*a = repoenv_open(&env, env.public);
	const struct lineage_set	 lines = { NULL, 0 };
	struct catalogue		*c = NULL;
	struct hotneeds			 h;
	struct err			 e = ERR_INIT;

	if (catalogue_load(&c, a, &e))
		fail_msg("%s", e.msg);
	hotneeds_find(&h, c, catalogue_find(c, from), 1, &lines);
	if (connections == NULL)
		assert_null(h.backup[0]);
	else {
		assert_string_equal(h.backup[0], connections);
		assert_int_equal(h.value[0], n);
		assert_string_equal(h.backup[1], workers);
		assert_int_equal(h.value[1], m);
	}
	catalogue_free(c);
	archive_free(a);
}

/* The highest of this backup and of those behind it, on this line alone. */
static void
test_later(void **state)
{
	(void)state;
	put(A, 1, 1, 1, 1, 500, 8);
	put(B, 1, 11, 11, 1, 100, 8);
	check(B, B, 100, B, 8);
	put(C, 1, 21, 21, 1, 130, 8);
	check(A, A, 500, A, 8);
	check(B, C, 130, B, 8);
	put(D, 2, 31, 31, 1, 900, 16);
	check(B, C, 130, B, 8);
	check(C, C, 130, C, 8);
}

/* Labels of earlier versions know nothing. */
static void
test_unknown(void **state)
{
	(void)state;
	put(A, 1, 1, 1, 0, 0, 0);
	check(A, NULL, 0, NULL, 0);
	put(B, 1, 11, 11, 1, 100, 8);
	check(A, B, 100, B, 8);
	put(C, 1, 21, 21, 0, 0, 0);
	check(A, B, 100, B, 8);
	check(C, NULL, 0, NULL, 0);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_later),
		T(test_unknown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
