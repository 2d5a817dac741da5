/* SPDX-License-Identifier: ISC */
/* Which WAL summaries prove that all changes are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plan/summaries.h"

#define MOST	4

/* All from 100 to 200 is wanted. */
static void
test_cover(void **state)
{
	static const struct {
		struct lsn_range	 v[MOST];
		enum summaries		 verdict;
		uint64_t		 upto;
	} cases[] = {
		{ { { 100, 200 } }, SUMMARIES_COMPLETE, 200 },
		{ { { 100, 150 }, { 150, 200 } }, SUMMARIES_COMPLETE, 200 },
		{ { { 100, 150 }, { 150, 300 } }, SUMMARIES_COMPLETE, 300 },
		/* They may overlap, and one may lie in another one. */
		{ { { 90, 120 }, { 100, 180 }, { 110, 130 }, { 170, 200 } },
		    SUMMARIES_COMPLETE, 200 },
		/* The last one is not written yet. */
		{ { { 0, 0 } }, SUMMARIES_BEHIND, 100 },
		{ { { 50, 100 } }, SUMMARIES_BEHIND, 100 },
		{ { { 100, 150 } }, SUMMARIES_BEHIND, 150 },
		{ { { 100, 150 }, { 150, 199 } }, SUMMARIES_BEHIND, 199 },
		/* A hole in front, within, or by one byte. */
		{ { { 120, 200 } }, SUMMARIES_GAP, 100 },
		{ { { 101, 200 } }, SUMMARIES_GAP, 100 },
		{ { { 100, 150 }, { 160, 200 } }, SUMMARIES_GAP, 150 },
		{ { { 100, 150 }, { 151, 170 }, { 160, 300 } },
		    SUMMARIES_GAP, 150 },
		{ { { 100, 150 }, { 250, 300 } }, SUMMARIES_GAP, 150 },
		/* What closes a hole comes too late in the order: it is one. */
		{ { { 100, 110 }, { 120, 200 }, { 120, 210 } },
		    SUMMARIES_GAP, 110 },
		/* Nobody made a checkpoint where the backup started. */
		{ { { 90, 200 } }, SUMMARIES_OTHER, 200 },
		{ { { 90, 110 }, { 110, 200 } }, SUMMARIES_OTHER, 200 },
	};
	static const struct lsn_range	 wanted = { 100, 200 };
	uint64_t			 upto;
	size_t				 i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (n = 0; n < MOST && cases[i].v[n].end != 0; n++)
			;
		if (summaries_cover(cases[i].v, n, &wanted, &upto) !=
		    cases[i].verdict)
			fail_msg("case %zu: not the verdict %d", i,
			    (int)cases[i].verdict);
		assert_int_equal(upto, cases[i].upto);
	}
}

static void
test_follow(void **state)
{
	static const struct summaries_backup then = { 2, 100, 200, 50, 1 };
	static const struct {
		struct summaries_backup	 now;
		const char		*why;		/* NULL: it follows */
	} cases[] = {
		{ { 2, 300, 0, 51, 1 }, NULL },
		{ { 2, 200, 0, 50, 1 }, NULL },
		{ { 3, 300, 0, 51, 1 }, "timeline 2, this one of 3" },
		{ { 1, 300, 0, 51, 1 }, "timeline 2, this one of 1" },
		{ { 2, 199, 0, 51, 1 }, "ended at 0/C8, behind 0/C7" },
		{ { 2, 300, 0, 49, 1 }, "was its data directory set back" },
		{ { 2, 300, 0, 51, 0 }, "checksums were turned off" },
	};
	static const struct summaries_backup none = { 2, 100, 100, 0, 0 };
	struct summaries_backup	 now = none;
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&e);
		assert_int_equal(summaries_follow(&then, &cases[i].now, &e),
		    cases[i].why == NULL ? 0 : -1);
		if (cases[i].why != NULL && strstr(e.msg, cases[i].why) ==
		    NULL)
			fail_msg("case %zu: %s", i, e.msg);
	}
	/* The very same start: nothing can have been between them. */
	err_clear(&e);
	assert_int_equal(summaries_follow(&none, &now, &e), -1);
	now.start_lsn++;
	err_clear(&e);
	assert_int_equal(summaries_follow(&none, &now, &e), 0);
	now.checksums = 1;
	assert_int_equal(summaries_follow(&none, &now, &e), -1);
	if (strstr(e.msg, "turned on") == NULL)
		fail_msg("%s", e.msg);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cover),
		cmocka_unit_test(test_follow)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
