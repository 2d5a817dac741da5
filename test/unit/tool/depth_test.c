/* SPDX-License-Identifier: ISC */
/* The depths of a verification: one option at most, and their words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tool/depth.h"

static void
test_choose(void **state)
{
	static const struct {
		struct depth_options	 o;
		enum verify_depth	 depth;
		const char		*word;
	} good[] = {
		{ { 0, 0, 0 }, VERIFY_CONTENTS, "contents" },
		{ { 1, 0, 0 }, VERIFY_QUICK, "quick" },
		{ { 0, 1, 0 }, VERIFY_SIGNATURES, "signatures" },
		{ { 0, 0, 1 }, VERIFY_HASHES, "hashes" }
	};
	const struct depth_options	 two = { 0, 1, 1 };
	struct err			 e = ERR_INIT;
	enum verify_depth		 d;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(depth_choose(&d, &good[i].o, "p", &e), 0);
		assert_int_equal(d, good[i].depth);
		assert_string_equal(depth_name(d), good[i].word);
	}
	assert_int_equal(depth_choose(&d, &two, "p", &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = { cmocka_unit_test(test_choose) };

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
