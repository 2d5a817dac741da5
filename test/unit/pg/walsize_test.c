/* SPDX-License-Identifier: ISC */
/* How large WAL files may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pg/walsize.h"

static void
test_sizes(void **state)
{
	(void)state;
	assert_int_equal(walsize_max(WALNAME_SEGMENT, 16 << 20), 16 << 20);
	assert_int_equal(walsize_max(WALNAME_PARTIAL, 16 << 20), 16 << 20);
	assert_int_equal(walsize_max(WALNAME_SEGMENT, 0), 1 << 30);
	assert_int_equal(walsize_max(WALNAME_HISTORY, 16 << 20), 65536);
	assert_int_equal(walsize_max(WALNAME_BACKUP, 0), 1 << 20);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_sizes)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
