/* SPDX-License-Identifier: ISC */
/* A model of timelines for the tests of the planners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "timelines.h"

void
timelines_archive(struct coverage_set *set, const struct timelines_wal *wal,
    size_t n)
{
	const struct timelines_wal	*w;
	struct err			 e = ERR_INIT;
	uint64_t			 s;

	for (w = wal; w != wal + n; w++)
		for (s = w->first; w->tli != 0 && s <= w->last; s++)
			assert_int_equal(coverage_add(set, w->tli, s, &e), 0);
	coverage_settle(set);
}

uint64_t
timelines_rand(uint64_t *x, uint64_t below)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return ((*x >> 11) % below);
}

void
timelines_init(struct timelines *t)
{
	memset(t, 0, sizeof(*t));
	t->n = 1;
	t->lines.v = t->h;
}

/* As PostgreSQL writes it, the history is the parent's and one line more. */
uint32_t
timelines_fork(struct timelines *t, uint32_t parent, uint64_t lsn)
{
	struct history	*h = &t->h[t->n - 1];
	size_t		 n = 0;

	h->v = t->v[t->n - 1];
	if (parent > 1) {
		n = t->h[parent - 2].n;
		memcpy(h->v, t->h[parent - 2].v, n * sizeof(*h->v));
	}
	h->v[n] = (struct history_entry){ parent, lsn };
	h->n = n + 1;
	t->n++;
	h->tli = (uint32_t)t->n;
	t->parent[t->n] = parent;
	t->begin[t->n] = lsn;
	t->lines.n = t->n - 1;
	return (h->tli);
}

void
timelines_random(struct timelines *t, uint64_t *x)
{
	size_t		 n = 1 + timelines_rand(x, TIMELINES_MAX);
	uint32_t	 parent;
	uint64_t	 lsn;

	timelines_init(t);
	while (t->n < n) {
		parent = 1 + (uint32_t)timelines_rand(x, t->n);
		if (timelines_rand(x, 2) == 0)
			parent = (uint32_t)t->n;
		lsn = 1 + timelines_rand(x, TIMELINES_SPAN - 1);
		if (timelines_rand(x, 4) == 0)	/* same segment or border */
			lsn = t->begin[parent] + timelines_rand(x, 20);
		if (timelines_rand(x, 4) == 0)
			lsn -= lsn % TIMELINES_SEG;
		(void)timelines_fork(t, parent, lsn == 0 ? 1 : lsn);
	}
}

const struct history *
timelines_history(const struct timelines *t, uint32_t tli)
{
	static const struct history	 first = { .tli = 1 };

	return (tli == 1 ? &first : &t->h[tli - 2]);
}

uint32_t
timelines_writer(const struct timelines *t, uint32_t tli, uint64_t lsn)
{
	while (tli > 1 && lsn < t->begin[tli])
		tli = t->parent[tli];
	return (tli);
}

/* As XLogFileReadAnyTLI() chooses a file; 0 if there is none. */
static uint32_t
read_any(const struct timelines *t, uint32_t target, uint32_t reading,
    uint64_t segno, int (*has)(const void *, uint32_t, uint64_t),
    const void *ctx)
{
	uint32_t	 tli;

	for (tli = target; tli > 0 && tli >= reading; tli = t->parent[tli])
		if (segno >= t->begin[tli] / TIMELINES_SEG &&
		    has(ctx, tli, segno))
			return (tli);
	return (0);
}

uint64_t
timelines_recover(const struct timelines *t, uint32_t target, uint64_t lsn,
    int (*has)(const void *, uint32_t, uint64_t), const void *ctx)
{
	uint32_t	 tli = 0;
	uint64_t	 segno;

	for (segno = lsn / TIMELINES_SEG; ; segno++) {
		if ((tli = read_any(t, target, tli, segno, has, ctx)) == 0)
			return (lsn);
		for (; lsn / TIMELINES_SEG == segno; lsn++)
			if (timelines_writer(t, tli, lsn) !=
			    timelines_writer(t, target, lsn))
				return (lsn);
	}
}
