/* SPDX-License-Identifier: ISC */
/* What must be a directory before expiry deletes anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "expire/realdirs.h"
#include "memstore.h"

/* Check a repository that holds these files, and nothing else. */
static int
check(const char *a, const char *b, struct err *e)
{
	struct memstore	 m;
	struct archive	*x;
	int		 rc;

	memset(&m, 0, sizeof(m));
	if (a != NULL)
		memstore_put(&m, a, "x", 0);
	if (b != NULL)
		memstore_put(&m, b, "x", 0);
	x = memstore_open(&m, NULL);
	rc = realdirs_check(x, e) || realdirs_clock(x, e) ? -1 : 0;
	archive_free(x);
	memstore_clear(&m);
	return (rc);
}

static void
test_directories(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(check(NULL, NULL, &e), 0);
	assert_int_equal(check("system", "wal/00000002.history", &e), 0);
	assert_int_equal(check("tmp/x", "tmp/clock/1-2", &e), 0);
	/* Other names, and the same ones elsewhere, are free. */
	assert_int_equal(check("clock", "tmp/wal", &e), 0);
	assert_int_equal(check("base/tmp", "wal/base", &e), 0);
	assert_int_equal(check("wal/00000000", "base/00000002", &e), 0);
	assert_int_equal(check("wal/00000002/00000000/x", "wal/2", &e), 0);
}

static void
test_others(void **state)
{
	static const char *const	 v[] = { "tmp", "wal", "base",
	    "vouched", "tmp/clock", "wal/00000002", "wal/FFFFFFFF" };
	struct err			 e;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(check("system", v[i], &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_memory_equal(e.msg, v[i], strlen(v[i]));
		assert_memory_equal(e.msg + strlen(v[i]),
		    " is no directory, ", 18);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_others),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
