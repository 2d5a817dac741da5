/* SPDX-License-Identifier: ISC */
/* The latest time of a range of segments, against looking at all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "catalogue/waltimes.h"
#include "plan/grace.h"
#include "timelines.h"

#define SEGMENTS 5000

static int64_t
plain(const struct waltimes_one *v, size_t n, uint32_t tli, uint64_t first,
    uint64_t last)
{
	uint32_t	 max = 0;
	size_t		 i;

	for (i = 0; i < n; i++)
		if (v[i].tli == tli && v[i].segno >= first &&
		    v[i].segno <= last && v[i].at > max)
			max = v[i].at;
	return (max == 0 ? 0 : grace_time(max));
}

static void
test_random(void **state)
{
	static struct waltimes_one	 v[SEGMENTS];
	struct waltimes			 t;
	struct err			 e = ERR_INIT;
	uint64_t			 x, seed, first, last;
	uint32_t			 tli;
	size_t				 i, n;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		t = (struct waltimes){ .n = 0 };
		x = seed;
		n = timelines_rand(&x, SEGMENTS + 1);
		for (i = 0; i < n; i++) {
			v[i] = (struct waltimes_one){
			    timelines_rand(&x, SEGMENTS),
			    1 + (uint32_t)timelines_rand(&x, 2),
			    1 + (uint32_t)timelines_rand(&x, 100000) };
			assert_int_equal(waltimes_add(&t, v[i].tli,
			    v[i].segno, v[i].at, &e), 0);
		}
		assert_int_equal(waltimes_settle(&t, &e), 0);
		for (i = 0; i < 50; i++) {
			tli = 1 + (uint32_t)timelines_rand(&x, 3);
			first = timelines_rand(&x, SEGMENTS);
			last = first + timelines_rand(&x, i % 2 == 0 ? 10 :
			    SEGMENTS);
			assert_true(waltimes_latest(&t, tli, first, last) ==
			    plain(v, n, tli, first, last));
		}
		waltimes_fini(&t);
	}
}

static void
test_unknown(void **state)
{
	static const int64_t	 bad[] = { 0, -1, INT64_MAX };
	struct waltimes		 t;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		t = (struct waltimes){ .n = 0 };
		assert_true(waltimes_latest(&t, 1, 0, 9) == 0);
		assert_int_equal(waltimes_add(&t, 1, 5, 1000, &e), 0);
		assert_int_equal(waltimes_add(&t, 1, 6, bad[i], &e), 0);
		assert_int_equal(waltimes_settle(&t, &e), 0);
		assert_true(waltimes_latest(&t, 1, 0, 5) ==
		    INT64_C(1000000000));
		assert_true(waltimes_latest(&t, 1, 0, 6) == GRACE_UNKNOWN);
		assert_true(waltimes_latest(&t, 1, 7, 9) == 0);
		waltimes_fini(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_unknown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
