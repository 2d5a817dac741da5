/* SPDX-License-Identifier: ISC */
/* Coverage: examples, and random archives against a reader of every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plan/coverage.h"
#include "timelines.h"

#define SEGS	(TIMELINES_SPAN / TIMELINES_SEG)
#define CASES	20000

struct archive {
	char	 has[TIMELINES_MAX + 1][SEGS];
};

static int
has(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct archive	*a = ctx;

	return (segno < SEGS && a->has[tli][segno]);
}

/* The one file that holds all of a segment: newest first, if it began. */
static uint32_t
whole(const struct timelines *t, uint32_t target, uint64_t segno)
{
	while (segno < t->begin[target] / TIMELINES_SEG)
		target = t->parent[target];
	return (target);
}

static void
fill(const struct timelines *t, struct archive *a, struct coverage_set *set,
    uint64_t *x)
{
	struct err	 e = ERR_INIT;
	uint64_t	 holes = 1 + timelines_rand(x, 40), last, i;
	uint32_t	 tli;

	memset(a, 0, sizeof(*a));
	for (tli = 1; tli <= t->n; tli++) {
		last = timelines_rand(x, SEGS + 1);
		for (i = t->begin[tli] / TIMELINES_SEG; i < last; i++)
			a->has[tli][i] = timelines_rand(x, holes) != 0;
		if (timelines_rand(x, 4) == 0)	/* one that cannot be */
			a->has[tli][timelines_rand(x, SEGS)] = 1;
	}
	for (i = 0; i < SEGS; i++)			/* in a wild order */
		for (tli = 1; tli <= t->n; tli++)
			if (a->has[tli][i * 7 % SEGS])
				assert_int_equal(coverage_add(set, tli,
				    i * 7 % SEGS, &e), 0);
	for (i = 0; i < SEGS; i++)			/* some twice */
		if (a->has[1][i])
			assert_int_equal(coverage_add(set, 1, i, &e), 0);
	coverage_settle(set);
}

static int
in_gaps(const struct coverage *c, uint32_t tli, uint64_t segno)
{
	size_t	 i;

	for (i = 0; i < c->ngap; i++)
		if (c->gap[i].tli == tli && c->gap[i].first <= segno &&
		    c->gap[i].last >= segno)
			return (1);
	return (0);
}

static void
check_gaps(const struct timelines *t, const struct archive *a,
    uint32_t target, uint64_t start, const struct coverage *c, uint64_t seed)
{
	uint64_t	 segno, far = 0;
	uint32_t	 tli;
	int		 want;

	for (segno = start; segno < SEGS; segno++)
		if (has(a, whole(t, target, segno), segno))
			far = segno;
	for (segno = start; segno < SEGS; segno++) {
		tli = whole(t, target, segno);
		want = segno < far && !has(a, tli, segno);
		if (in_gaps(c, tli, segno) != want)
			fail_msg("seed %llu: segment %llu of %u",
			    (unsigned long long)seed,
			    (unsigned long long)segno, tli);
	}
}

static void
one_case(uint64_t seed)
{
	struct timelines	 t;
	struct archive		 a;
	struct coverage_set	 set = { 0 };
	struct coverage		 c;
	struct err		 e = ERR_INIT;
	uint64_t		 x = seed * 2654435761u + 1, start, end, i;
	uint32_t		 target, from;
	int			 rc;

	timelines_random(&t, &x);
	fill(&t, &a, &set, &x);
	for (i = 0; i < SEGS * (t.n + 1); i++)
		assert_int_equal(coverage_has(&set, (uint32_t)(i / SEGS),
		    i % SEGS), has(&a, (uint32_t)(i / SEGS), i % SEGS));
	target = 1 + (uint32_t)timelines_rand(&x, t.n);
	from = 1 + (uint32_t)timelines_rand(&x, t.n);
	start = timelines_rand(&x, SEGS);
	rc = coverage_follow(&set, timelines_history(&t, target),
	    TIMELINES_SEG, from, start, &c, &e);
	assert_int_not_equal(rc, -1);
	if (rc == 0) {
		end = timelines_recover(&t, target, start * TIMELINES_SEG,
		    has, &a);
		if (end != c.end)
			fail_msg("seed %llu: reaches %llu, not %llu",
			    (unsigned long long)seed,
			    (unsigned long long)end,
			    (unsigned long long)c.end);
		assert_int_equal(c.any, end > start * TIMELINES_SEG);
		if (c.any) {
			assert_true(has(&a, c.tli, c.last));
			assert_int_equal((end - 1) / TIMELINES_SEG, c.last);
		}
		check_gaps(&t, &a, target, start, &c, seed);
		coverage_free(&c);
	}
	/* Refused where none of its bytes from there on is on the line. */
	for (i = start * TIMELINES_SEG; i < TIMELINES_SPAN + 100; i++)
		if (timelines_writer(&t, target, i) == from)
			break;
	assert_int_equal(rc, i == TIMELINES_SPAN + 100);
	coverage_set_free(&set);
}

static void
test_random(void **state)
{
	uint64_t	 seed;

	(void)state;
	for (seed = 1; seed <= CASES; seed++)
		one_case(seed);
}

static void
add(struct coverage_set *set, uint32_t tli, uint64_t first, uint64_t last)
{
	struct err	 e = ERR_INIT;

	for (; first <= last; first++)
		assert_int_equal(coverage_add(set, tli, first, &e), 0);
}

static void
test_switch(void **state)
{
	struct timelines	 t;
	struct coverage_set	 set = { 0 };
	struct coverage		 c;
	struct err		 e = ERR_INIT;
	uint32_t		 seg = 16 << 20;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, (uint64_t)20 * seg + 5);
	add(&set, 1, 10, 25);		/* the old primary went on */
	add(&set, 2, 21, 29);
	add(&set, 2, 33, 34);
	coverage_settle(&set);
	assert_int_equal(set.n, 3);

	/* 20 of timeline 2 is missing: the old one's reaches to the switch. */
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 2), seg,
	    1, 12, &c, &e), 0);
	assert_int_equal(c.end, (uint64_t)20 * seg + 5);
	assert_int_equal(c.tli, 1);
	assert_int_equal(c.last, 20);
	assert_int_equal(c.ngap, 2);
	assert_int_equal(c.gap[0].tli, 2);
	assert_int_equal(c.gap[0].first, 20);
	assert_int_equal(c.gap[0].last, 20);
	assert_int_equal(c.gap[1].first, 30);
	assert_int_equal(c.gap[1].last, 32);
	coverage_free(&c);

	add(&set, 2, 20, 20);
	coverage_settle(&set);
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 2), seg,
	    1, 12, &c, &e), 0);
	assert_int_equal(c.end, (uint64_t)30 * seg);
	assert_int_equal(c.tli, 2);
	assert_int_equal(c.last, 29);
	assert_int_equal(c.ngap, 1);
	coverage_free(&c);

	/* What timeline 1 wrote after the switch leads nowhere else. */
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 2), seg,
	    1, 21, &c, &e), 1);
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 1), seg,
	    1, 21, &c, &e), 0);
	assert_int_equal(c.last, 25);
	assert_int_equal(c.ngap, 0);
	coverage_free(&c);
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 1), seg,
	    1, 26, &c, &e), 0);
	assert_int_equal(c.any, 0);
	assert_int_equal(c.end, (uint64_t)26 * seg);
	coverage_free(&c);
	coverage_set_free(&set);
}

/* Every other of 60,000 segments: as many runs as there can be. */
static void
test_large(void **state)
{
	struct timelines	 t;
	struct coverage_set	 set = { 0 };
	struct coverage		 c;
	struct err		 e = ERR_INIT;
	uint64_t		 i;

	(void)state;
	timelines_init(&t);
	for (i = 60000; i > 0; i--)
		add(&set, 1, 2 * i, 2 * i);
	coverage_settle(&set);
	assert_int_equal(set.n, 60000);
	assert_int_equal(coverage_follow(&set, timelines_history(&t, 1),
	    1 << 20, 1, 2, &c, &e), 0);
	/* More than anybody reads are not listed. */
	assert_int_equal(c.ngap, COVERAGE_GAPS_MAX);
	assert_int_equal(c.gap[0].first, 3);
	assert_int_equal(c.last, 2);
	coverage_free(&c);
	coverage_set_free(&set);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
