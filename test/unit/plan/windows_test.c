/* SPDX-License-Identifier: ISC */
/* Windows: examples, and random archives against a reader of every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/windows.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	TIMELINES_SEG
#define SEGS	(TIMELINES_SPAN / TIMELINES_SEG)
#define BACKUPS	6
#define CASES	5000

static const uint32_t	 all[] = { 1, 2, 3, 4, 5, 6, 7 };

/*
 * For each window that is not shared: the timeline, its backups, and where it
 * ends, in segments and bytes.
 */
static const char *
text(const struct windows *w)
{
	static char	 buf[512];
	size_t		 i, k, n = 0;

	buf[0] = '\0';
	for (i = 0; i < w->n; i++) {
		if (w->v[i].shared)
			continue;
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%u:",
		    (unsigned)w->v[i].tli);
		for (k = 0; k < w->v[i].n; k++)
			n += (size_t)snprintf(buf + n, sizeof(buf) - n,
			    " %zu", w->v[i].backup[k]);
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, " to %u+%u%s",
		    (unsigned)(w->v[i].wal.end / SEG),
		    (unsigned)(w->v[i].wal.end % SEG),
		    windows_is_cut(w, i) ? ", cut; " : "; ");
	}
	return (buf);
}

/* Backup 0 is of segment 2 of timeline 1, backup 1 of segment 7. */
static const struct {
	const char	*what;
	unsigned	 fork;		/* where 2 leaves 1; 0: never */
	struct timelines_wal wal[4];
	struct lineage_backup third;
	const char	*want;
} cases[] = {
	{ "one line", 0, { { 1, 2, 9 } }, { .tli = 0 }, "1: 0 1 to 10+0; " },
	{ "two sides of a gap", 0, { { 1, 2, 4 }, { 1, 6, 9 } },
	    { .tli = 0 }, "1: 1 to 10+0; 1: 0 to 5+0, cut; " },
	{ "no backup behind it", 0, { { 1, 2, 7 }, { 1, 9, 9 } },
	    { .tli = 0 }, "1: 0 1 to 8+0; " },
	{ "a backup without its WAL", 0, { { 1, 3, 9 } }, { .tli = 0 },
	    "1: 1 to 10+0; " },
	{ "nothing at all", 0, { { 1, 1, 1 } }, { .tli = 0 }, "" },
	/* A failover: the old line ends where it was left. */
	{ "a line that was left", 9 * SEG + 3, { { 1, 2, 8 },
	    { 2, 9, 12 } }, { .tli = 0 }, "2: 0 1 to 13+0; " },
	{ "leftovers behind the fork", 9 * SEG + 3, { { 1, 2, 9 },
	    { 2, 9, 12 } }, { .tli = 0 },
	    "2: 0 1 to 13+0; 1: 0 1 to 10+0; " },
	/* A copy was promoted, the cluster goes on, with a backup. */
	{ "a copy beside", 5 * SEG + 3, { { 1, 2, 12 }, { 2, 5, 6 } },
	    { .tli = 0 }, "2: 0 to 7+0; 1: 0 1 to 13+0; " },
	{ "a copy without WAL", 5 * SEG + 3, { { 1, 2, 12 } },
	    { .tli = 0 }, "2: 0 to 5+3; 1: 0 1 to 13+0; " },
	{ "a copy with a backup", 5 * SEG + 3, { { 1, 2, 12 },
	    { 2, 5, 9 } }, { .tli = 2, .start_lsn = 8 * SEG,
	    .stop_lsn = 8 * SEG + 9 }, "2: 0 2 to 10+0; 1: 0 1 to 13+0; " },
	{ "a gap behind the fork", 5 * SEG + 3, { { 1, 2, 5 },
	    { 1, 7, 12 }, { 2, 5, 6 } }, { .tli = 0 },
	    "2: 0 to 7+0; 1: 1 to 13+0; 1: 0 to 6+0, cut; " },
	/* What lies before the fork is on both lines. */
	{ "a gap before the fork", 5 * SEG + 3, { { 1, 2, 3 },
	    { 1, 5, 12 }, { 2, 5, 6 } }, { .tli = 0 },
	    "2: 0 to 4+0; 1: 1 to 13+0; " },
	{ "a gap at the fork", 5 * SEG, { { 1, 2, 4 }, { 1, 6, 12 },
	    { 2, 5, 6 } }, { .tli = 0 }, "2: 0 to 7+0; 1: 1 to 13+0; " }
};

static void
test_examples(void **state)
{
	struct lineage_backup	 b[3] = {
		{ .tli = 1, .start_lsn = 2 * SEG, .stop_lsn = 2 * SEG + 9 },
		{ .tli = 1, .start_lsn = 7 * SEG, .stop_lsn = 7 * SEG + 9 }
	};
	struct timelines	 t;
	struct windows		 w;
	struct windows_input	 in = { .v = b, .tli = all, .segsize = SEG };
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct coverage_set	 set = { 0 };

		timelines_init(&t);
		if (cases[i].fork != 0)
			(void)timelines_fork(&t, 1, cases[i].fork);
		timelines_archive(&set, cases[i].wal, LEN(cases[i].wal));
		b[2] = cases[i].third;
		in.n = b[2].tli == 0 ? 2 : 3;
		in.lines = t.lines;
		in.ntli = t.n;
		in.wal = &set;
		if (windows_make(&w, &in, &e))
			fail_msg("%s", e.msg);
		if (strcmp(text(&w), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].what, text(&w));
		windows_free(&w);
		coverage_set_free(&set);
	}
}

/* A history that is missing leaves a timeline alone on its line. */
static void
test_no_history(void **state)
{
	static const uint32_t		 tli[] = { 1, 9 };
	const struct lineage_backup	 b[2] = {
		{ .tli = 1, .start_lsn = 0, .stop_lsn = 9 },
		{ .tli = 9, .start_lsn = 3 * SEG, .stop_lsn = 4 * SEG }
	};
	struct coverage_set	 set = { 0 };
	struct windows_input	 in = { .v = b, .n = 2, .tli = tli,
	    .ntli = 2, .wal = &set, .segsize = SEG };
	struct windows		 w;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(coverage_add(&set, 1, 0, &e), 0);
	assert_int_equal(coverage_add(&set, 9, 3, &e), 0);
	coverage_settle(&set);
	if (windows_make(&w, &in, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(text(&w), "9: 1 to 4+0; 1: 0 to 1+0; ");
	windows_free(&w);
	coverage_set_free(&set);
}

struct world {
	struct timelines	 t;
	char			 has[TIMELINES_MAX + 1][SEGS];
	struct coverage_set	 set;
	struct lineage_backup	 b[BACKUPS];
	struct windows		 w;
};

static int
has(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct world	*d = ctx;

	return (segno < SEGS && d->has[tli][segno]);
}

static void
fill(struct world *d, uint64_t *x)
{
	struct lineage_backup	*b;
	struct err		 e = ERR_INIT;
	uint64_t		 holes = 2 + timelines_rand(x, 40), last, i;
	uint32_t		 tli;

	memset(d, 0, sizeof(*d));
	timelines_random(&d->t, x);
	for (tli = 1; tli <= d->t.n; tli++) {
		last = timelines_rand(x, SEGS + 1);
		for (i = d->t.begin[tli] / SEG; i < last; i++) {
			d->has[tli][i] = timelines_rand(x, holes) != 0;
			if (d->has[tli][i])
				assert_int_equal(coverage_add(&d->set, tli, i,
				    &e), 0);
		}
	}
	coverage_settle(&d->set);
	for (b = d->b; b != d->b + BACKUPS; b++) {
		b->tli = 1 + (uint32_t)timelines_rand(x, d->t.n);
		b->start_lsn = d->t.begin[b->tli] + timelines_rand(x, 200);
		b->stop_lsn = b->start_lsn + 1 + timelines_rand(x, 30);
	}
}

/*
 * Whether the lines of "tli" and "other" have the same bytes from "from" to
 * "end".
 */
static int
is_same(const struct world *d, uint32_t tli, uint32_t other, uint64_t from,
    uint64_t end)
{
	for (; from < end; from++)
		if (timelines_writer(&d->t, tli, from) !=
		    timelines_writer(&d->t, other, from))
			return (0);
	return (1);
}

/* Some window has all that is reached from backup "i" along "tli". */
static int
is_listed(const struct world *d, uint32_t tli, size_t i, uint64_t end)
{
	const struct windows_one	*w;
	size_t				 k;

	for (w = d->w.v; w != d->w.v + d->w.n; w++)
		for (k = 0; !w->shared && k < w->n; k++)
			if (w->backup[k] == i && w->wal.end >= end &&
			    is_same(d, tli, w->tli, d->b[i].start_lsn, end))
				return (1);
	return (0);
}

static void
check_all_listed(const struct world *d, uint64_t seed)
{
	const struct lineage_backup	*b;
	uint64_t			 end;
	uint32_t			 tli;
	size_t				 i;

	for (i = 0; i < BACKUPS; i++)
		for (tli = 1; tli <= d->t.n; tli++) {
			b = &d->b[i];
			if (!lineage_reaches(&d->t.lines, b->tli, b->stop_lsn,
			    tli))
				continue;
			end = timelines_recover(&d->t, tli, b->start_lsn /
			    SEG * SEG, has, d);
			if (end >= b->stop_lsn && !is_listed(d, tli, i, end))
				fail_msg("seed %llu: backup %zu on %u",
				    (unsigned long long)seed, i, tli);
		}
}

/* Every window is right, in order, and shared if a higher line has it. */
static void
check_window(const struct world *d, size_t k, uint64_t seed)
{
	const struct windows_one	*w = &d->w.v[k];
	const struct lineage_backup	*b;
	uint32_t			 tli;
	size_t				 i;
	int				 shared = 0;

	assert_true(w->n > 0);
	for (i = 0; i < w->n; i++) {
		b = &d->b[w->backup[i]];
		assert_true(i == 0 || b->stop_lsn >=
		    d->b[w->backup[i - 1]].stop_lsn);
		assert_true(w->wal.end >= b->stop_lsn);
		if (timelines_recover(&d->t, w->tli, b->start_lsn / SEG * SEG,
		    has, d) != w->wal.end)
			fail_msg("seed %llu: window %zu",
			    (unsigned long long)seed, k);
	}
	for (tli = w->tli + 1; tli <= d->t.n; tli++)
		shared |= is_same(d, tli, w->tli, 0, w->wal.end);
	if (w->shared != shared)
		fail_msg("seed %llu: window %zu, shared %d",
		    (unsigned long long)seed, k, shared);
	if (k == 0)
		return;
	assert_true(w->tli <= w[-1].tli);
	assert_int_equal(windows_is_cut(&d->w, k), w->tli == w[-1].tli);
	assert_true(w->tli < w[-1].tli || w->wal.end < w[-1].wal.end);
}

static void
test_random(void **state)
{
	struct world		 d;
	struct windows_input	 in;
	struct err		 e = ERR_INIT;
	uint64_t		 seed, x;
	size_t			 k;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		x = seed * 2654435761u + 1;
		fill(&d, &x);
		in = (struct windows_input){ .v = d.b, .n = BACKUPS,
		    .lines = d.t.lines, .tli = all, .ntli = d.t.n,
		    .wal = &d.set, .segsize = SEG };
		if (windows_make(&d.w, &in, &e))
			fail_msg("%s", e.msg);
		check_all_listed(&d, seed);
		for (k = 0; k < d.w.n; k++)
			check_window(&d, k, seed);
		windows_free(&d.w);
		coverage_set_free(&d.set);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_no_history),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
