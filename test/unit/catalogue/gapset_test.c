/* SPDX-License-Identifier: ISC */
/* Gaps, each once and in their order, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "catalogue/gapset.h"
#include "timelines.h"

#define GAPS	2000

/* The plain list: a gap is added unless one of that end is there. */
static size_t
plain_add(struct coverage_run *v, size_t n, const struct coverage_run *g)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (v[i].tli == g->tli && v[i].last == g->last)
			return (n);
	v[n] = *g;
	return (n + 1);
}

static void
test_random(void **state)
{
	static struct coverage_run	 want[GAPS];
	struct coverage_run		 g[3], *out;
	struct gapset			 s = { .n = 0 };
	struct err			 e = ERR_INIT;
	uint64_t			 seed, x;
	size_t				 i, k, n, nwant, nout;

	(void)state;
	for (seed = 1; seed <= 200; seed++) {
		x = seed;
		nwant = 0;
		for (i = 0; i < GAPS; i += n) {
			n = 1 + timelines_rand(&x, 3);
			for (k = 0; k < n && i + k < GAPS; k++) {
				g[k].tli = 1 + (uint32_t)timelines_rand(&x, 3);
				g[k].last = timelines_rand(&x, 1 + seed * 5);
				g[k].first = timelines_rand(&x, 100);
				nwant = plain_add(want, nwant, &g[k]);
			}
			assert_int_equal(gapset_add(&s, g, k, &e), 0);
		}
		assert_true(s.room <= 4 * nwant + 64);
		assert_int_equal(gapset_list(&s, &out, &nout, &e), 0);
		assert_int_equal(nout, nwant);
		for (i = 0; i < nwant; i++) {
			assert_int_equal(out[i].tli, want[i].tli);
			assert_int_equal(out[i].first, want[i].first);
			assert_int_equal(out[i].last, want[i].last);
		}
		free(out);
		gapset_fini(&s);
	}
}

static void
test_empty(void **state)
{
	struct gapset		 s = { .n = 0 };
	struct coverage_run	*out;
	struct err		 e = ERR_INIT;
	size_t			 n;

	(void)state;
	assert_int_equal(gapset_add(&s, NULL, 0, &e), 0);
	assert_int_equal(gapset_list(&s, &out, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_null(out);
	gapset_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_empty)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
