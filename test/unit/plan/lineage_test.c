/* SPDX-License-Identifier: ISC */
/* Lines of timelines: a tree with its edges, and random trees byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/lineage.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define CASES	20000

/*
 * Timeline 2 left 1 at 100, 3 left 2 at 200.  4 followed 2 and stopped before
 * 2 began, at 80: nothing of 2 is in its past.  5 left 1 at 100 as well.
 */
static void
make_tree(struct timelines *t)
{
	timelines_init(t);
	assert_int_equal(timelines_fork(t, 1, 100), 2);
	assert_int_equal(timelines_fork(t, 2, 200), 3);
	assert_int_equal(timelines_fork(t, 2, 80), 4);
	assert_int_equal(timelines_fork(t, 1, 100), 5);
}

static void
test_reaches(void **state)
{
	static const struct {
		uint32_t	 tli;
		uint64_t	 lsn;
		uint32_t	 to;
		int		 want;
	} cases[] = {
		/* A timeline is on its own line, whatever the LSN. */
		{ 1, 0, 1, 1 }, { 1, UINT64_MAX, 1, 1 }, { 3, 1, 3, 1 },
		/* All before the switch point is; what lies behind is not. */
		{ 1, 99, 2, 1 }, { 1, 100, 2, 1 }, { 1, 101, 2, 0 },
		{ 1, 100, 3, 1 }, { 1, 101, 3, 0 },
		{ 2, 199, 3, 1 }, { 2, 200, 3, 1 }, { 2, 201, 3, 0 },
		/* A child is never in the past of its parent. */
		{ 2, 100, 1, 0 }, { 3, 200, 2, 0 }, { 3, 200, 1, 0 },
		/* A timeline of which the switch left nothing. */
		{ 2, 100, 4, 0 }, { 2, 80, 4, 0 }, { 2, 0, 4, 0 },
		{ 1, 80, 4, 1 }, { 1, 81, 4, 0 },
		/* Siblings. */
		{ 2, 100, 5, 0 }, { 5, 100, 2, 0 }, { 1, 100, 5, 1 },
		/* Timelines without a history file have themselves only. */
		{ 9, 1, 9, 1 }, { 1, 1, 9, 0 }, { 9, 1, 1, 0 }, { 9, 1, 2, 0 }
	};
	struct timelines	 t;
	size_t			 i;

	(void)state;
	make_tree(&t);
	for (i = 0; i < LEN(cases); i++)
		if (lineage_reaches(&t.lines, cases[i].tli, cases[i].lsn,
		    cases[i].to) != cases[i].want)
			fail_msg("%u at %llu to %u", cases[i].tli,
			    (unsigned long long)cases[i].lsn, cases[i].to);
}

static void
test_find(void **state)
{
	const struct lineage_set	 none = { NULL, 0 };
	const struct history		*h;
	struct timelines		 t;
	uint32_t			 tli;

	(void)state;
	make_tree(&t);
	for (tli = 1; tli <= 5; tli++) {
		h = lineage_find(&t.lines, tli);
		assert_non_null(h);
		assert_int_equal(h->tli, tli);
	}
	assert_int_equal(lineage_find(&t.lines, 1)->n, 0);
	assert_null(lineage_find(&t.lines, 6));
	assert_null(lineage_find(&t.lines, 0));

	/* The first timeline has a history without any file. */
	h = lineage_find(&none, 1);
	assert_non_null(h);
	assert_int_equal(h->tli, 1);
	assert_int_equal(h->n, 0);
	assert_null(lineage_find(&none, 2));
	assert_true(lineage_reaches(&none, 1, 5, 1));
	assert_false(lineage_reaches(&none, 1, 5, 2));
}

static void
test_known_end(void **state)
{
	const struct lineage_set	 none = { NULL, 0 };
	struct timelines		 t;

	(void)state;
	assert_int_equal(lineage_known_end(&none, 1), 0);
	assert_int_equal(lineage_known_end(&none, 7), 0);
	make_tree(&t);
	assert_int_equal(lineage_known_end(&t.lines, 1), 100);
	assert_int_equal(lineage_known_end(&t.lines, 2), 200);
	/* Nothing left these: it is known where they began. */
	assert_int_equal(lineage_known_end(&t.lines, 3), 200);
	assert_int_equal(lineage_known_end(&t.lines, 4), 80);
	assert_int_equal(lineage_known_end(&t.lines, 5), 100);
	assert_int_equal(lineage_known_end(&t.lines, 6), 0);
	/* The later of two that left it. */
	(void)timelines_fork(&t, 1, 150);
	assert_int_equal(lineage_known_end(&t.lines, 1), 150);
}

static void
test_latest(void **state)
{
	const struct lineage_set	 none = { NULL, 0 };
	const struct lineage_backup	 b[] = {
		{ .id = "a", .tli = 3 }, { .id = "b", .tli = 7 },
		{ .id = "c", .tli = 1 }
	};
	struct timelines		 t;

	(void)state;
	make_tree(&t);
	assert_int_equal(lineage_latest(&none, NULL, 0), 0);
	assert_int_equal(lineage_latest(&t.lines, NULL, 0), 5);
	assert_int_equal(lineage_latest(&none, b, 3), 7);
	assert_int_equal(lineage_latest(&t.lines, b, 3), 7);
	assert_int_equal(lineage_latest(&t.lines, b, 1), 5);
	/* Timeline 1 has no history file: only backups show that it is. */
	assert_int_equal(lineage_latest(&none, b + 2, 1), 1);
}

/*
 * Whether a reader of timeline "to" sees, as the last byte before "lsn", the
 * one that "tli" wrote.  A timeline wrote nothing before it began.
 */
static int
model_reaches(const struct timelines *t, uint32_t tli, uint64_t lsn,
    uint32_t to)
{
	return (timelines_writer(t, to, lsn - 1) == tli);
}

static void
test_random(void **state)
{
	struct timelines	 t;
	uint64_t		 x, seed, lsn;
	uint32_t		 tli, to;
	int			 i;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		x = seed * 2654435761u + 1;
		timelines_random(&t, &x);
		for (i = 0; i < 20; i++) {
			tli = 1 + (uint32_t)timelines_rand(&x, t.n);
			to = 1 + (uint32_t)timelines_rand(&x, t.n);
			lsn = t.begin[tli] + 1 + timelines_rand(&x, 300);
			assert_int_equal(lineage_file(&t.lines, to, lsn /
			    TIMELINES_SEG, TIMELINES_SEG), timelines_writer(&t,
			    to, (lsn / TIMELINES_SEG + 1) * TIMELINES_SEG -
			    1));
			if (lineage_reaches(&t.lines, tli, lsn, to) !=
			    model_reaches(&t, tli, lsn, to))
				fail_msg("seed %llu: %u at %llu to %u",
				    (unsigned long long)seed, tli,
				    (unsigned long long)lsn, to);
		}
		assert_int_equal(lineage_latest(&t.lines, NULL, 0),
		    t.n == 1 ? 0 : t.n);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_reaches),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_known_end),
		cmocka_unit_test(test_latest),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
