/* SPDX-License-Identifier: ISC */
/* When a person hears of the WAL that a slot keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/receiveroom.h"

#define GIB	(UINT64_C(1) << 30)
#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_levels(void **state)
{
	static const struct {
		struct receiveroom	 room;
		unsigned		 want;
	} row[] = {
		{ { 0, 1, 8 * GIB, 8 * GIB, 0 }, 0 },
		{ { 0, 1, 8 * GIB, 4 * GIB + 1, 5 * GIB }, 0 },
		{ { 0, 1, 8 * GIB, 4 * GIB, 5 * GIB }, 1 },
		{ { 0, 1, 8 * GIB, 2 * GIB, 5 * GIB }, 2 },
		{ { 0, 1, 8 * GIB, 0, 5 * GIB }, 33 },
		{ { 0, 1, 0, 0, 5 * GIB }, 0 },
		{ { 0, 0, 0, 0, GIB - 1 }, 0 },
		{ { 0, 0, 0, 0, GIB }, 1 },
		{ { 0, 0, 0, 0, 5 * GIB }, 3 },
		{ { 0, 0, 0, 0, UINT64_MAX }, 34 },
		{ { 1, 0, 0, 0, 0 }, 100 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(row); i++) {
		print_message("row %zu\n", i);
		assert_int_equal(receiveroom_level(&row[i].room),
		    row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_levels)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
