/* SPDX-License-Identifier: ISC */
/*
 * Which packs are worth referring to; and that over many nights the
 * repository stays below twice the size of what is referred to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/packusage.h"

static struct pack_ref
ref(uint16_t backup, uint32_t pack, uint32_t offset, uint32_t stored)
{
	return ((struct pack_ref){ .backup = backup, .pack = pack,
	    .offset = offset, .stored = stored });
}

/* One pack with chunks of 100 bytes, of which some are in use. */
static void
test_worth(void **state)
{
	static const struct {
		uint32_t	 first, chunks;	/* in use */
		uint64_t	 found;
		int		 worth;
		size_t		 lost, sparse;
	} cases[] = {
		{ 0, 10, 1000, 1, 0, 0 },
		{ 0, 10, 1001, 1, 0, 0 },
		{ 0, 10, 999, 0, 1, 0 },	/* cut short */
		{ 0, 10, 0, 0, 1, 0 },		/* not there */
		{ 0, 5, 1000, 1, 0, 0 },	/* just half */
		{ 0, 5, 1001, 0, 0, 1 },
		{ 5, 5, 1000, 1, 0, 0 },
		{ 5, 5, 999, 0, 1, 0 },
		{ 9, 1, 1000, 0, 0, 1 },
		{ 0, 0, 1000, 0, 0, 0 },	/* not in use at all */
	};
	struct packusage_sum	 sum;
	struct packusage		*u;
	struct pack_ref		 r;
	struct err		 e = ERR_INIT;
	size_t			 i;
	uint32_t		 k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(packusage_new(&u, 3, &e), 0);
		for (k = 0; k < cases[i].chunks; k++) {
			r = ref(1, 20, (cases[i].first + k) * 100, 100);
			assert_int_equal(packusage_add(u, &r, &e), 0);
		}
		r = ref(1, 0, 0, 0);
		assert_int_equal(packusage_add(u, &r, &e), 0);
		if (cases[i].found > 0)
			packusage_found(u, 1, 20, cases[i].found);
		packusage_found(u, 1, 7, 100);	/* nobody asked */
		packusage_found(u, 2, 99999999, 100);
		assert_int_equal(packusage_worth(u, 1, 20), cases[i].worth);
		assert_int_equal(packusage_any(u, 1), cases[i].chunks > 0);
		assert_false(packusage_worth(u, 0, 20));
		assert_false(packusage_worth(u, 1, 21));
		assert_false(packusage_worth(u, 1, 0));
		assert_false(packusage_worth(u, 9, 1));
		sum = packusage_sum(u);
		assert_int_equal(sum.lost, cases[i].lost);
		assert_int_equal(sum.sparse, cases[i].sparse);
		packusage_free(u);
	}
}

static void
test_runs(void **state)
{
	static const uint32_t	 packs[] = { 2, 3, 4, 9, 40, 41, 1000 };
	static const uint32_t	 want[][2] = {
		{ 2, 4 }, { 9, 9 }, { 40, 41 }, { 1000, 1000 }
	};
	struct packusage		*u;
	struct pack_ref		 r;
	struct err		 e = ERR_INIT;
	uint32_t		 first, last = 0;
	size_t			 i;

	(void)state;
	assert_int_equal(packusage_new(&u, 1, &e), 0);
	assert_false(packusage_any(u, 0));
	for (i = 0; i < sizeof(packs) / sizeof(packs[0]); i++) {
		r = ref(0, packs[(i * 3) % 7], 0, 1);
		assert_int_equal(packusage_add(u, &r, &e), 0);
	}
	for (i = 0; i < 4; i++) {
		assert_true(packusage_run(u, 0, last, &first, &last));
		assert_int_equal(first, want[i][0]);
		assert_int_equal(last, want[i][1]);
	}
	assert_false(packusage_run(u, 0, last, &first, &last));
	r = ref(0, PACKUSAGE_MAX, 0, 1);
	assert_int_equal(packusage_add(u, &r, &e), 0);
	r = ref(0, PACKUSAGE_MAX + 1, 0, 1);
	assert_int_equal(packusage_add(u, &r, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	packusage_free(u);
}

/* Two places may have one chunk: that is more in use than there is. */
static void
test_shared(void **state)
{
	struct packusage	*u;
	struct pack_ref	 r = ref(0, 1, 500, 100);
	struct err	 e = ERR_INIT;
	unsigned	 i;

	(void)state;
	assert_int_equal(packusage_new(&u, 1, &e), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(packusage_add(u, &r, &e), 0);
	packusage_found(u, 0, 1, 600);
	assert_true(packusage_worth(u, 0, 1));
	packusage_free(u);
}

/* A difference uses its pack, too: expiry would delete what is not counted. */
static void
test_difference(void **state)
{
	struct packusage	*u;
	struct pack_ref		 r = ref(0, 3, 500, 100);
	struct err		 e = ERR_INIT;
	uint32_t		 first, last;

	(void)state;
	r.diff = (struct pack_diff){ .pack = 7, .backup = 1, .offset = 200,
	    .stored = 50 };
	assert_int_equal(packusage_new(&u, 2, &e), 0);
	assert_int_equal(packusage_add(u, &r, &e), 0);
	assert_true(packusage_run(u, 0, 0, &first, &last) && first == 3);
	assert_true(packusage_run(u, 1, 0, &first, &last) && first == 7);
	packusage_found(u, 0, 3, 600);
	packusage_found(u, 1, 7, 249);		/* cut short */
	assert_true(packusage_there(u, 0, 3));
	assert_false(packusage_there(u, 1, 7));
	packusage_found(u, 1, 7, 250);
	assert_true(packusage_there(u, 1, 7));
	assert_false(packusage_worth(u, 1, 7));
	packusage_free(u);
}

/*
 * Nights: a cluster of chunks, packs of so many.  A backup's number is its
 * night.  Each night the chunks that changed, and those in packs that are not
 * worth it, are stored; the newest KEPT backups are kept.
 */
#define NIGHTS	60
#define KEPT	7
#define CHUNKS	6000
#define PER	100		/* chunks in a pack */
#define BYTES	1000		/* of a chunk */

struct night {
	struct pack_ref	 at[CHUNKS];	/* backup is the night */
	uint32_t	 packs, last;	/* stored; chunks in the last one */
};

enum pattern { UNIFORM, HOT, WAVE, BURSTS };

static uint32_t	 seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525U + 1013904223U;
	return ((seed >> 8) % n);
}

static int
changed(enum pattern p, unsigned night, unsigned i, unsigned percent)
{
	switch (p) {
	case UNIFORM:
		return (rnd(100) < percent);
	case HOT:			/* most of it in one tenth */
		return (rnd(1000) < (i < CHUNKS / 10 ? 9 * percent * 10 :
		    percent));
	case WAVE:
		return ((i + CHUNKS - night * percent * CHUNKS / 100 % CHUNKS)
		    % CHUNKS < percent * CHUNKS / 100);
	case BURSTS:			/* quiet, and now and then most of it */
		return (rnd(100) < (night % 9 == 0 ? 60 : 1));
	}
	return (0);
}

static struct packusage *
use_of(const struct night *n, const struct night *all)
{
	struct packusage	*u;
	struct err	 e = ERR_INIT;
	unsigned	 i, k;

	assert_int_equal(packusage_new(&u, NIGHTS, &e), 0);
	for (i = 0; i < CHUNKS; i++)
		assert_int_equal(packusage_add(u, &n->at[i], &e), 0);
	for (i = 0; i < NIGHTS; i++)
		for (k = 1; k <= all[i].packs; k++)
			packusage_found(u, i, k, BYTES * (k < all[i].packs ?
			    PER : all[i].last));
	return (u);
}

static void
push(struct night *all, unsigned night, enum pattern p, unsigned percent)
{
	struct night	*n = &all[night];
	struct packusage	*u = night == 0 ? NULL : use_of(n - 1, all);
	unsigned	 i;

	n->packs = 0;
	n->last = PER;
	for (i = 0; i < CHUNKS; i++) {
		if (u != NULL && !changed(p, night, i, percent) &&
		    packusage_worth(u, n[-1].at[i].backup, n[-1].at[i].pack)) {
			n->at[i] = n[-1].at[i];
			continue;
		}
		if (n->last == PER) {
			n->packs++;
			n->last = 0;
		}
		n->at[i] = ref((uint16_t)night, n->packs, n->last * BYTES,
		    BYTES);
		n->last++;
	}
	packusage_free(u);
}

/* What lies in the repository, over what the kept backups refer to. */
static double
overhead(const struct night *all, unsigned night)
{
	static uint8_t	 chunk[NIGHTS][CHUNKS];	/* by place in its night */
	uint64_t	 stored = 0, used = 0, n;
	const struct pack_ref *r;
	unsigned	 i, k, first, from = night < KEPT ? 0 :
	    night - KEPT + 1;

	memset(chunk, 0, sizeof(chunk));
	for (i = from; i <= night; i++)
		for (k = 0; k < CHUNKS; k++) {
			r = &all[i].at[k];
			chunk[r->backup][(r->pack - 1) * PER + r->offset /
			    BYTES] = 1;
		}
	for (i = 0; i <= night; i++)
		for (k = 0; k < all[i].packs; k++) {
			for (n = 0, first = 0; first < PER; first++)
				if (k * PER + first < CHUNKS)
					n += chunk[i][k * PER + first];
			used += n;
			if (n > 0)
				stored += k + 1 < all[i].packs ? PER :
				    all[i].last;
		}
	return ((double)stored / (double)used);
}

static void
test_nights(void **state)
{
	static struct night	 all[NIGHTS];
	static const struct {
		enum pattern	 pattern;
		unsigned	 percent;
	} cases[] = {
		{ UNIFORM, 1 }, { UNIFORM, 5 }, { UNIFORM, 20 },
		{ UNIFORM, 45 }, { HOT, 2 }, { HOT, 10 }, { WAVE, 3 },
		{ WAVE, 30 }, { BURSTS, 0 }
	};
	double			 o, most;
	unsigned		 i, night;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seed = i + 1;
		most = 0;
		memset(all, 0, sizeof(all));
		for (night = 0; night < NIGHTS; night++) {
			push(all, night, cases[i].pattern, cases[i].percent);
			o = overhead(all, night);
			most = o > most ? o : most;
		}
		print_message("pattern %d, %u %%: at most %.2f times\n",
		    (int)cases[i].pattern, cases[i].percent, most);
		assert_true(most < 2);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_worth),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_nights)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
