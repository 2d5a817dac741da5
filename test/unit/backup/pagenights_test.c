/* SPDX-License-Identifier: ISC */
/*
 * Nights in which pages change at random, with the decisions that pushes take:
 * which chunks are stored as differences (plan/pagediff.h) and which packs are
 * still referred to (packusage.h).  The repository stays below twice the size
 * of what is referred to, and a push stores about half of what it would
 * without differences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/packusage.h"
#include "plan/pagediff.h"

#define NIGHTS	60
#define KEPT	7		/* backups */
#define CHUNKS	1500
#define PAGES	32		/* of a chunk */
#define PAGE	1000		/* bytes of one, as it is stored */
#define FULL	((uint32_t)100 * PAGES * PAGE)	/* bytes of a pack */
#define PACKS	64		/* of one night, at most */
#define HASHES	((size_t)PAGES * PAGEDIFF_HASH)

/* A push's packs, of whole chunks and of differences. */
struct night {
	struct pack_ref	 at[CHUNKS];	/* backup is the night */
	uint32_t	 bytes[PACKS + 1];
	uint32_t	 packs, open[2];
	uint64_t	 stored, whole;	/* without differences: "whole" */
};

static struct night	 all[NIGHTS];
static uint8_t		 base[CHUNKS][PAGES * PAGEDIFF_HASH];
static uint8_t		 now[CHUNKS][PAGES * PAGEDIFF_HASH];
static uint32_t		 seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525U + 1013904223U;
	return ((seed >> 8) % n);
}

/* Change pages with that chance in a thousand; whether any did. */
static int
change(unsigned i, unsigned chance, unsigned night)
{
	size_t	 k;
	int	 any = 0;

	for (k = 0; k < PAGES; k++)
		if (night == 0 || rnd(1000) < chance) {
			now[i][k * PAGEDIFF_HASH] = (uint8_t)(night + 1);
			any = 1;
		}
	return (any);
}

/* Where the next "n" bytes lie, in the packs of either kind. */
static void
place(struct night *n, int kind, uint32_t bytes, uint32_t *pack,
    uint32_t *offset)
{
	if (n->open[kind] == 0 || n->bytes[n->open[kind]] > FULL) {
		assert_true(n->packs < PACKS);
		n->open[kind] = ++n->packs;
	}
	*pack = n->open[kind];
	*offset = n->bytes[*pack];
	n->bytes[*pack] += bytes;
	n->stored += bytes;
}

static struct packusage *
use_of(unsigned night)
{
	struct packusage	*u;
	struct err		 e = ERR_INIT;
	unsigned		 i;
	uint32_t		 k;

	assert_int_equal(packusage_new(&u, NIGHTS, &e), 0);
	for (i = 0; i < CHUNKS; i++)
		assert_int_equal(packusage_add(u, &all[night].at[i], &e), 0);
	for (i = 0; i <= night; i++)
		for (k = 1; k <= all[i].packs; k++)
			packusage_found(u, i, k, all[i].bytes[k]);
	return (u);
}

static int
has_base(const struct packusage *u, const struct pack_ref *r)
{
	return (packusage_worth(u, r->backup, r->pack));
}

static int
may_refer(const struct packusage *u, const struct pack_ref *r)
{
	return (has_base(u, r) && (r->diff.pack == 0 ||
	    packusage_worth(u, r->diff.backup, r->diff.pack)));
}

static void
store(unsigned night, unsigned i, const struct packusage *u)
{
	struct night	*n = &all[night];
	struct pack_ref	*to = &n->at[i];
	uint8_t		 set[PAGES / 8];
	size_t		 pages = 0;

	if (u != NULL && has_base(u, &all[night - 1].at[i])) {
		*to = all[night - 1].at[i];
		pages = pagediff_choose(base[i], PAGES, now[i], PAGES, set);
	}
	if (pages > 0) {
		to->diff.backup = (uint16_t)night;
		to->diff.stored = (uint32_t)pages * PAGE;
		place(n, 1, to->diff.stored, &to->diff.pack, &to->diff.offset);
		return;
	}
	*to = (struct pack_ref){ .backup = (uint16_t)night, .stored = PAGES *
	    PAGE };
	place(n, 0, to->stored, &to->pack, &to->offset);
	memcpy(base[i], now[i], HASHES);
}

static void
push(unsigned night, unsigned chance)
{
	struct packusage	*u = night == 0 ? NULL : use_of(night - 1);
	unsigned		 i;

	for (i = 0; i < CHUNKS; i++) {
		if (!change(i, chance, night) &&
		    may_refer(u, &all[night - 1].at[i])) {
			all[night].at[i] = all[night - 1].at[i];
			continue;
		}
		all[night].whole += PAGES * PAGE;
		store(night, i, u);
	}
	packusage_free(u);
}

/* Count a piece once, by the place where it begins. */
static uint64_t
count(uint8_t *seen[NIGHTS][PACKS + 1], unsigned night, uint32_t pack,
    uint32_t offset, uint32_t stored)
{
	uint8_t	**p = &seen[night][pack];

	if (pack == 0)
		return (0);
	if (*p == NULL && (*p = calloc(1, 2 * FULL / PAGE)) == NULL)
		fail_msg("memory");
	if ((*p)[offset / PAGE])
		return (0);
	(*p)[offset / PAGE] = 1;
	return (stored);
}

/* What lies in the repository, over what the kept backups refer to. */
static double
overhead(unsigned night)
{
	static uint8_t		*seen[NIGHTS][PACKS + 1];
	const struct pack_ref	*r;
	uint64_t		 stored = 0, used = 0;
	unsigned		 i, k;

	for (i = night < KEPT ? 0 : night - KEPT + 1; i <= night; i++)
		for (k = 0; k < CHUNKS; k++) {
			r = &all[i].at[k];
			used += count(seen, r->backup, r->pack, r->offset,
			    r->stored);
			used += count(seen, r->diff.backup, r->diff.pack,
			    r->diff.offset, r->diff.stored);
		}
	for (i = 0; i <= night; i++)
		for (k = 1; k <= all[i].packs; k++)
			if (seen[i][k] != NULL) {
				stored += all[i].bytes[k];
				free(seen[i][k]);
				seen[i][k] = NULL;
			}
	return ((double)stored / (double)used);
}

static void
test_nights(void **state)
{
	static const struct {
		unsigned	 chance;	/* of a page, in a thousand */
		double		 most;	/* stored in ten nights, over whole */
	} cases[] = { { 150, 0.45 }, { 50, 0.3 }, { 10, 0.1 }, { 1, 0.06 },
	    { 450, 0.8 } };
	double		 o, worst, stored, whole;
	unsigned	 i, night;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seed = i + 1;
		worst = stored = whole = 0;
		memset(all, 0, sizeof(all));
		for (night = 0; night < NIGHTS; night++) {
			push(night, cases[i].chance);
			o = overhead(night);
			worst = o > worst ? o : worst;
			if (night >= 1 && night <= 10) {
				stored += (double)all[night].stored;
				whole += (double)all[night].whole;
			}
		}
		print_message("%u in 1000 pages: at most %.2f times what is "
		    "referred to; ten nights stored %.2f\n", cases[i].chance,
		    worst, stored / whole);
		assert_true(worst < 2);
		assert_true(stored / whole <= cases[i].most);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_nights)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
