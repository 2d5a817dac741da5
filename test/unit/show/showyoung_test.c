/* SPDX-License-Identifier: ISC */
/* Young timelines and the doubt that they make, as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "plan/grace.h"
#include "repoenv.h"
#include "show/showyoung.h"

#define SECOND	INT64_C(1000000)
#define FIRST	"000000090000000000000003"

static struct repoenv		 env;
static struct archive		*a;
static struct catalogue		*cat;

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	repoenv_object(&env, "wal/00000001/00000000/000000010000000000000003",
	    "x");
	repoenv_object(&env, "wal/00000009/00000000/" FIRST, "x");
	a = repoenv_open(&env, env.public);
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s", e.msg);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	catalogue_free(cat);
	archive_free(a);
	repoenv_remove(&env);
	return (0);
}

static const char *
printed(const struct younglines *y)
{
	FILE	*f = memtext_open();

	showyoung_print(f, cat, y);
	return (memtext_close(f));
}

static const char *
as_json(const struct younglines *y)
{
	struct jval	*list = NULL, *j = NULL;
	struct err	 e = ERR_INIT;

	if (jval_list(&list, &e) || jval_object(&j, &e) ||
	    showyoung_json(j, y, &e) || jval_add(list, j, &e))
		fail_msg("%s", e.msg);
	return (memtext_json(list));
}

static void
test_young(void **state)
{
	uint32_t			 tli[] = { 1, 9 };
	int64_t				 until[] = { SECOND, 2 * SECOND };
	const struct younglines		 none = { .n = 0 };
	struct younglines		 y = { .tli = tli, .n = 2,
	    .until_us = until };

	(void)state;
	assert_string_equal(printed(&none), "");
	assert_false(showyoung_findings(&none));
	/* Nobody promotes timeline 1. */
	assert_string_equal(printed(&y), "  timeline 9 is young until <time>; "
	    "if nobody promoted it, --delete-timeline 9 removes it\n");
	assert_false(showyoung_findings(&y));
	until[1] = GRACE_UNKNOWN;
	assert_string_equal(printed(&y), "  timeline 9 is young, and it is "
	    "not known since when it is there; if nobody promoted it, "
	    "--delete-timeline 9 removes it\n");
	assert_non_null(strstr(as_json(&y), "\"young_timelines\":["
	    "{\"timeline\":1,\"young_until\":\"<time>\"},"
	    "{\"timeline\":9,\"young_until\":null}],"
	    "\"doubtful_timeline\":null,\"doubtful_until\":null"));
}

static void
test_many(void **state)
{
	uint32_t		 tli[10];
	int64_t			 until[10];
	const struct younglines	 y = { .tli = tli, .n = 10,
	    .until_us = until };
	size_t			 i;

	(void)state;
	for (i = 0; i < 10; i++) {
		tli[i] = 20 + (uint32_t)i;
		until[i] = SECOND;
	}
	assert_non_null(strstr(printed(&y), "--delete-timeline 27 removes "
	    "it\n  2 more timelines are young\n"));
}

static void
test_doubt(void **state)
{
	struct younglines	 y = { .doubt = 9, .doubt_us = SECOND };

	(void)state;
	assert_string_equal(printed(&y), "  which backups lead onto timeline "
	    "9 is not sure before <time>; until then none expires\n");
	assert_false(showyoung_findings(&y));
	assert_non_null(strstr(as_json(&y), "\"doubtful_timeline\":9,"
	    "\"doubtful_until\":\"<time>\""));
	/* It does not end by itself, so somebody has to look. */
	y.doubt_us = GRACE_UNKNOWN;
	assert_true(showyoung_findings(&y));
	assert_string_equal(printed(&y), "  which backups lead onto timeline "
	    "9 is not sure, so none expires: its first segment, " FIRST
	    ", is not authentic, or a time is not known; find out where its "
	    "files come from, and remove what does not belong there\n");
	assert_non_null(strstr(as_json(&y), "\"doubtful_timeline\":9,"
	    "\"doubtful_until\":null"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_young, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_doubt, setup, teardown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
