/* SPDX-License-Identifier: ISC */
/* What the archiver's last file says of the segments before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "cluster/pgarchiver.h"
#include "pgenv.h"

#define SEGSIZE	(16U << 20)

static void
test_passed(void **state)
{
	static const struct {
		const char	*archived;
		int64_t		 us;
		int		 passed;
	} t[] = {
		{ "", 200, 0 },
		{ "000000010000000000000004", 200, 0 },
		{ "000000010000000000000005", 200, 1 },
		{ "000000010000000000000005", 100, 1 },
		{ "000000010000000000000005", 99, 0 },
		{ "000000010000000100000000", 200, 1 },
		{ "000000020000000000000006", 200, 0 },
		{ "000000010000000000000006.partial", 200, 0 },
		{ "000000010000000000000005.00000028.backup", 200, 1 },
		{ "000000010000000000000004.00000028.backup", 200, 0 },
		{ "00000002.history", 200, 0 },
		{ "0000000100000000000001FF", 200, 0 },
		{ "elsewhere", 200, 0 }
	};
	struct pgarchiver	 a;
	struct walname		 w;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	assert_int_equal(walname_parse("000000010000000000000005", &w, &e),
	    0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		(void)snprintf(a.archived, sizeof(a.archived), "%s",
		    t[i].archived);
		a.archived_us = t[i].us;
		assert_int_equal(pgarchiver_passed(&a, &w, SEGSIZE, 100),
		    t[i].passed);
	}
}

static void
test_get(void **state)
{
	struct pgsession	*s;
	struct pgarchiver	 a;
	struct err		 e = ERR_INIT;

	(void)state;
	pgenv_need();
	s = pgenv_session(&pgenv, "postgres");
	assert_int_equal(pgarchiver_get(s, &a, &e), 0);
	assert_true(a.archived[0] != '\0' || a.archived_us == 0);
	pgsession_free(s);
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_passed),
		cmocka_unit_test(test_get),
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
