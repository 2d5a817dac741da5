/* SPDX-License-Identifier: ISC */
/* The newest segment of each timeline, until it is handed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "pusher/pushnewest.h"

static void
test_newest(void **state)
{
	struct pushnewest	 p = { .n = 0 }, got;

	(void)state;
	assert_int_equal(pushnewest_take(&p, &got, 5), 0);
	pushnewest_add(&p, "00000002.history");
	pushnewest_add(&p, "000000010000000000000001.partial");
	assert_int_equal(pushnewest_take(&p, &got, 5), 0);
	pushnewest_add(&p, "000000010000000000000003");
	pushnewest_add(&p, "000000010000000000000002");
	pushnewest_add(&p, "000000020000000000000001");
	assert_int_equal(pushnewest_take(&p, &got, 5), 1);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.name[0], "000000010000000000000003");
	assert_string_equal(got.name[1], "000000020000000000000001");
	/* Not twice, and not too often. */
	assert_int_equal(pushnewest_take(&p, &got, 5 + PUSHNEWEST_MS), 0);
	pushnewest_add(&p, "000000010000000000000004");
	assert_int_equal(pushnewest_take(&p, &got, 4 + PUSHNEWEST_MS), 0);
	assert_int_equal(pushnewest_take(&p, &got, 5 + PUSHNEWEST_MS), 1);
	assert_int_equal(got.n, 1);
}

static void
test_many(void **state)
{
	struct pushnewest	 p = { .n = 0 }, got;
	char			 name[WALNAME_TEXT];
	unsigned		 tli;

	(void)state;
	for (tli = 1; tli <= PUSHNEWEST_MAX + 3; tli++) {
		(void)snprintf(name, sizeof(name), "%08X0000000000000001",
		    tli);
		pushnewest_add(&p, name);
	}
	assert_int_equal(pushnewest_take(&p, &got, 0), 1);
	assert_int_equal(got.n, PUSHNEWEST_MAX);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_many)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
