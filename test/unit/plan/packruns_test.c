/* SPDX-License-Identifier: ISC */
/* Runs of packs: cases with edges, and random sets against a plain table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/packruns.h"
#include "timelines.h"

#define LIST	6		/* runs in a case; one without id ends it */
#define MAX	UINT32_MAX

static const struct {
	const char		*name;
	struct packruns_run	 in[LIST], want[LIST];
} cases[] = {
	{ "one pack", { { "a", 1, 1 } }, { { "a", 1, 1 } } },
	{ "a gap of one stays",
	    { { "a", 1, 2 }, { "a", 4, 5 } },
	    { { "a", 1, 2 }, { "a", 4, 5 } } },
	{ "runs that touch are one",
	    { { "a", 1, 2 }, { "a", 3, 5 } }, { { "a", 1, 5 } } },
	{ "runs that overlap are one",
	    { { "a", 1, 4 }, { "a", 3, 5 } }, { { "a", 1, 5 } } },
	{ "a run within another adds nothing",
	    { { "a", 1, 9 }, { "a", 3, 5 } }, { { "a", 1, 9 } } },
	{ "what follows a run within another is seen",
	    { { "a", 1, 9 }, { "a", 3, 5 }, { "a", 10, 11 }, { "a", 13, 13 } },
	    { { "a", 1, 11 }, { "a", 13, 13 } } },
	{ "twice the same", { { "a", 7, 8 }, { "a", 7, 8 } },
	    { { "a", 7, 8 } } },
	{ "equal first, the longer one behind",
	    { { "a", 7, 7 }, { "a", 7, 9 } }, { { "a", 7, 9 } } },
	{ "any order", { { "b", 1, 1 }, { "a", 5, 6 }, { "a", 1, 4 } },
	    { { "a", 1, 6 }, { "b", 1, 1 } } },
	{ "directories stay apart",
	    { { "a", 1, 5 }, { "b", 6, 7 }, { "b", 3, 4 } },
	    { { "a", 1, 5 }, { "b", 3, 4 }, { "b", 6, 7 } } },
	{ "an id that begins another",
	    { { "20260101T000000Z-2", 1, 1 }, { "20260101T000000Z", 2, 2 } },
	    { { "20260101T000000Z", 2, 2 }, { "20260101T000000Z-2", 1, 1 } } },
	{ "the highest number",
	    { { "a", MAX, MAX }, { "a", 1, 2 } },
	    { { "a", 1, 2 }, { "a", MAX, MAX } } },
	{ "nothing joins behind the highest number",
	    { { "a", 2, MAX }, { "a", 0, 0 } },
	    { { "a", 0, 0 }, { "a", 2, MAX } } },
	{ "up to the highest number",
	    { { "a", 2, MAX - 1 }, { "a", MAX, MAX }, { "a", 1, 1 } },
	    { { "a", 1, MAX } } }
};

static size_t
count(const struct packruns_run v[LIST])
{
	size_t	 n = 0;

	while (n < LIST && v[n].backup != NULL)
		n++;
	return (n);
}

static void
check_set(const char *name, const struct packruns *set,
    const struct packruns_run want[LIST])
{
	size_t	 i, n = count(want);

	if (set->n != n)
		fail_msg("%s: %zu runs, not %zu", name, set->n, n);
	for (i = 0; i < n; i++)
		if (strcmp(set->v[i].backup, want[i].backup) != 0 ||
		    set->v[i].first != want[i].first ||
		    set->v[i].last != want[i].last)
			fail_msg("%s: run %zu is %s %u to %u", name, i,
			    set->v[i].backup, set->v[i].first,
			    set->v[i].last);
}

/* Each case at once, run by run, and run by run from the end. */
static void
test_cases(void **state)
{
	struct packruns	 set = { 0 };
	struct err	 e = ERR_INIT;
	size_t		 i, k, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = count(cases[i].in);
		assert_int_equal(packruns_add(&set, cases[i].in, n, &e), 0);
		packruns_settle(&set);
		check_set(cases[i].name, &set, cases[i].want);
		assert_int_equal(packruns_add(&set, cases[i].in, n, &e), 0);
		packruns_settle(&set);
		check_set(cases[i].name, &set, cases[i].want);
		packruns_fini(&set);
		for (k = 0; k < n; k++)
			assert_int_equal(packruns_add(&set, &cases[i].in[k],
			    1, &e), 0);
		packruns_settle(&set);
		check_set(cases[i].name, &set, cases[i].want);
		packruns_fini(&set);
		for (k = n; k-- > 0;)
			assert_int_equal(packruns_add(&set, &cases[i].in[k],
			    1, &e), 0);
		packruns_settle(&set);
		check_set(cases[i].name, &set, cases[i].want);
		packruns_fini(&set);
	}
}

static void
test_empty(void **state)
{
	struct packruns	 set = { 0 };
	struct err	 e = ERR_INIT;

	(void)state;
	assert_false(packruns_has(&set, "a", 1));
	assert_int_equal(packruns_add(&set, NULL, 0, &e), 0);
	packruns_settle(&set);
	assert_int_equal(set.n, 0);
	assert_false(packruns_has(&set, "a", 1));
	packruns_fini(&set);
	packruns_fini(&set);
}

static void
test_has(void **state)
{
	static const struct packruns_run	 v[] = {
		{ "b", 3, 5 }, { "b", 7, 7 }, { "d", 1, MAX }
	};
	static const struct {
		const char	*id;
		uint32_t	 pack;
		int		 want;
	} has[] = {
		{ "b", 2, 0 }, { "b", 3, 1 }, { "b", 4, 1 }, { "b", 5, 1 },
		{ "b", 6, 0 }, { "b", 7, 1 }, { "b", 8, 0 }, { "b", MAX, 0 },
		{ "a", 3, 0 }, { "c", 3, 0 }, { "e", 3, 0 }, { "", 3, 0 },
		{ "d", 0, 0 }, { "d", 1, 1 }, { "d", MAX, 1 }
	};
	struct packruns	 set = { 0 };
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	assert_int_equal(packruns_add(&set, v, 3, &e), 0);
	packruns_settle(&set);
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		if (packruns_has(&set, has[i].id, has[i].pack) != has[i].want)
			fail_msg("%s %u", has[i].id, has[i].pack);
	packruns_fini(&set);
}

/* Ids are compared as texts, wherever they lie in memory. */
static void
test_ids_are_text(void **state)
{
	static const char	 one[] = "a", other[] = "a";
	struct packruns_run	 v[] = { { one, 1, 1 }, { other, 2, 2 } };
	struct packruns		 set = { 0 };
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(packruns_add(&set, v, 2, &e), 0);
	packruns_settle(&set);
	assert_int_equal(set.n, 1);
	assert_true(packruns_has(&set, other, 1));
	packruns_fini(&set);
}

#define IDS	4
#define PACKS	40

static void
check_random(const struct packruns *set, const char *const id[IDS],
    char held[IDS][PACKS], uint64_t seed)
{
	const struct packruns_run	*a, *b;
	uint32_t			 i, pack;
	size_t				 k;

	for (i = 0; i < IDS; i++)
		for (pack = 0; pack < PACKS; pack++)
			if (packruns_has(set, id[i], pack) != held[i][pack])
				fail_msg("seed %llu: %s %u",
				    (unsigned long long)seed, id[i], pack);
	for (k = 1; k < set->n; k++) {
		a = &set->v[k - 1];
		b = &set->v[k];
		assert_true(strcmp(a->backup, b->backup) < 0 ||
		    (strcmp(a->backup, b->backup) == 0 &&
		    b->first - 1 > a->last));
	}
}

static void
test_random(void **state)
{
	static const char *const	 id[IDS] = { "c", "a", "d", "b" };
	struct packruns_run		 v[3];
	struct packruns			 set = { 0 };
	struct err			 e = ERR_INIT;
	char				 held[IDS][PACKS];
	uint64_t			 seed, x, which;
	uint32_t			 pack;
	size_t				 i, k, n;

	(void)state;
	for (seed = 1; seed <= 2000; seed++) {
		x = seed;
		memset(held, 0, sizeof(held));
		for (i = 0; i < 8; i++) {
			n = timelines_rand(&x, 4);
			for (k = 0; k < n; k++) {
				which = timelines_rand(&x, IDS);
				v[k].backup = id[which];
				v[k].first = 1 + (uint32_t)timelines_rand(&x,
				    30);
				v[k].last = v[k].first +
				    (uint32_t)timelines_rand(&x, 5);
				for (pack = v[k].first; pack <= v[k].last;
				    pack++)
					held[which][pack] = 1;
			}
			assert_int_equal(packruns_add(&set, v, n, &e), 0);
			if (i % 3 != 2 && i != 7)
				continue;
			packruns_settle(&set);
			check_random(&set, id, held, seed);
		}
		packruns_fini(&set);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_ids_are_text),
		cmocka_unit_test(test_random),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
