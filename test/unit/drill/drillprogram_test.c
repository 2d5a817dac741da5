/* SPDX-License-Identifier: ISC */
/* A check whose program is missing was not made. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/drillprogram.h"
#include "testdir.h"

#define NEVER	39	/* a version of PostgreSQL that no host has */

static void
well_but_for(struct drillreport *r, enum drillreport_check not)
{
	unsigned	 i;

	drillreport_init(r);
	r->postgresql = NEVER * 10000;
	for (i = 0; i < DRILLREPORT_CHECKS; i++)
		if (i != not)
			drillreport_set(r, i, DRILLREPORT_OK, "well");
}

static void
test_missing(void **state)
{
	static const struct {
		const char		*name;
		enum drillreport_check	 check;
	} rows[] = {
		{ "pg_dump", DRILLREPORT_DUMP },
		{ "pg_dumpall", DRILLREPORT_DUMP },
		{ "pg_amcheck", DRILLREPORT_AMCHECK }
	};
	char			 bindir[512], path[PATH_MAX];
	struct err		 e = ERR_INIT;
	struct drillreport	 r;
	const struct drillcheck	 d = { .bindir = bindir, .report = &r };
	size_t			 i;

	(void)state;
	(void)snprintf(bindir, sizeof(bindir), "%s", testdir_path("bin"));
	assert_int_equal(mkdir(bindir, 0700), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		well_but_for(&r, rows[i].check);
		assert_int_equal(drillprogram_find(path, &d, rows[i].name,
		    rows[i].check, &e), 1);
		if (drillreport_all(&r) != DRILLREPORT_SKIPPED)
			fail_msg("a drill without %s is %s", rows[i].name,
			    drillreport_verdict_name(drillreport_all(&r)));
		assert_non_null(strstr(drillreport_found(&r), rows[i].name));
	}
	/* Beside the server's programs it is of the server's version. */
	testdir_text("bin/pg_dump", "");
	assert_int_equal(chmod(testdir_path("bin/pg_dump"), 0700), 0);
	well_but_for(&r, DRILLREPORT_DUMP);
	assert_int_equal(drillprogram_find(path, &d, "pg_dump",
	    DRILLREPORT_DUMP, &e), 0);
	assert_string_equal(path, testdir_path("bin/pg_dump"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_missing, testdir_setup,
		    testdir_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
