/* SPDX-License-Identifier: ISC */
/* Guessed histories: which timeline follows which, by their segments alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "wal/ancestry.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	(16U << 20)
#define LIST	5

/* Segments "first" to "last"; none if last is lower. */
static struct walindex_timeline
timeline(uint32_t tli, uint64_t first, uint64_t last)
{
	struct walindex_timeline	 t = { .tli = tli, .history = tli > 1 };

	if (last >= first) {
		t.segments = last - first + 1;
		t.first = first;
		t.last = last;
	}
	return (t);
}

static const struct {
	const char	*name;
	struct {
		uint32_t	 tli;		/* 0 ends the list */
		uint64_t	 first, last;
	} tl[LIST];
	const char	*want;	/* "tli:parent@segment,..." and so on */
} cases[] = {
	{ "nothing", { { 0, 0, 0 } }, "" },
	{ "one timeline", { { 1, 1, 9 } }, "" },
	{ "a switch", { { 1, 1, 9 }, { 2, 9, 20 } }, "2:1@9 " },
	{ "a switch at the border", { { 1, 1, 9 }, { 2, 10, 20 } },
	    "2:1@10 " },
	{ "the old one went on", { { 1, 1, 90 }, { 2, 9, 20 } }, "2:1@9 " },
	{ "two in turn", { { 1, 1, 9 }, { 2, 9, 20 }, { 3, 20, 30 } },
	    "2:1@9 3:1@9,2@20 " },
	{ "back before the second", { { 1, 1, 9 }, { 2, 9, 20 },
	    { 3, 5, 30 } }, "2:1@9 3:1@5 " },
	{ "equal beginnings: the next lower one",
	    { { 1, 1, 9 }, { 2, 9, 20 }, { 3, 9, 30 } },
	    "2:1@9 3:1@9,2@9 " },
	{ "no segment yet: behind the last", { { 1, 1, 9 }, { 2, 1, 0 } },
	    "2:1@10 " },
	{ "one without segments is nobody's parent",
	    { { 1, 1, 9 }, { 2, 1, 0 }, { 3, 9, 12 } },
	    "2:1@10 3:1@9 " },
	{ "the first is gone", { { 3, 9, 20 }, { 5, 20, 30 } }, "5:3@20 " },
	{ "begins before all others", { { 1, 10, 20 }, { 2, 5, 30 } }, "" },
	{ "no segment anywhere", { { 2, 1, 0 }, { 3, 1, 0 } }, "" }
};

static void
describe(char *out, size_t size, const struct ancestry *f)
{
	size_t	 i, k, n = 0;

	out[0] = '\0';
	for (i = 0; i < f->n; i++) {
		n += (size_t)snprintf(out + n, size - n, "%u:", f->v[i].tli);
		for (k = 0; k < f->v[i].n; k++) {
			assert_int_equal(f->v[i].v[k].end % SEG, 0);
			n += (size_t)snprintf(out + n, size - n, "%s%u@%u",
			    k > 0 ? "," : "", f->v[i].v[k].tli,
			    (unsigned)(f->v[i].v[k].end / SEG));
		}
		n += (size_t)snprintf(out + n, size - n, " ");
	}
}

static void
test_guess(void **state)
{
	struct walindex_timeline	 tl[LIST];
	struct ancestry			 f;
	struct err			 e = ERR_INIT;
	char				 got[256];
	size_t				 i, n;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		for (n = 0; n < LIST && cases[i].tl[n].tli != 0; n++)
			tl[n] = timeline(cases[i].tl[n].tli,
			    cases[i].tl[n].first, cases[i].tl[n].last);
		memset(&f, 0, sizeof(f));
		assert_int_equal(ancestry_guess(&f, tl, n, SEG, &e), 0);
		describe(got, sizeof(got), &f);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		assert_int_equal(f.read, 0);
		ancestry_fini(&f);
		assert_int_equal(f.n, 0);
	}
}

/* By the definition: the last one before it that begins no later. */
static uint32_t
parent_of(const struct walindex_timeline *t, size_t i)
{
	size_t	 k;

	for (k = i; k-- > 0;)
		if (t[k].segments > 0 &&
		    (t[i].segments == 0 || t[k].first <= t[i].first))
			return (t[k].tli);
	return (0);
}

/* Random timelines, of which some have no segment. */
static void
test_parents(void **state)
{
	struct walindex_timeline	 tl[20];
	struct ancestry			 f;
	struct err			 e = ERR_INIT;
	uint64_t			 x = 1;
	size_t				 i, n, at;
	unsigned			 k;

	(void)state;
	for (k = 0; k < 2000; k++) {
		n = LEN(tl);
		for (i = 0; i < n; i++) {
			x = x * UINT64_C(6364136223846793005) + 1;
			tl[i] = timeline((uint32_t)i + 1, x >> 60, (x >> 40 &
			    3) == 0 ? 0 : 20);
		}
		memset(&f, 0, sizeof(f));
		assert_int_equal(ancestry_guess(&f, tl, n, SEG, &e), 0);
		for (i = at = 0; i < n; i++) {
			if (parent_of(tl, i) == 0)
				continue;
			assert_int_equal(f.v[at].tli, i + 1);
			assert_int_equal(f.v[at].v[f.v[at].n - 1].tli,
			    parent_of(tl, i));
			at++;
		}
		assert_int_equal(f.n, at);
		ancestry_fini(&f);
	}
}

/* Somebody forged very many, each beginning before the last. */
static void
test_many(void **state)
{
	const size_t			 n = 400000;
	struct walindex_timeline	*tl = calloc(n, sizeof(*tl));
	const clock_t			 began = clock();
	struct ancestry			 f = { .n = 0 };
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	assert_non_null(tl);
	for (i = 0; i < n; i++)
		tl[i] = timeline((uint32_t)i + 1, n - i, n);
	assert_int_equal(ancestry_guess(&f, tl, n, SEG, &e), 0);
	assert_int_equal(f.n, 0);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 10);
	ancestry_fini(&f);
	free(tl);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_many)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
