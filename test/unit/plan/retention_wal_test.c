/* SPDX-License-Identifier: ISC */
/*
 * Floors and islands of WAL: each rule with its edges, and what must hold of
 * random ones.  retention_test.c recovers from random histories.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/retention_wal.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define S(n)	((uint64_t)(n) * TIMELINES_SEG)
#define FORKS	2
#define BACKUPS	4
#define LINES	4		/* timelines whose floors are asked for */

#define LINE	RETENTION_WAL_LINE
#define ISLAND	RETENTION_WAL_ISLAND
#define GONE	RETENTION_WAL_NONE

struct one {
	uint32_t		 tli;	/* 0 ends the list */
	uint64_t		 start, stop;
	int64_t			 us;	/* when it ended */
	enum retention_wal_need	 need;
	int			 odd;	/* 1: does not count; 2: young */
};

static const struct floors_case {
	const char	*name;
	struct {
		uint32_t	 parent;	/* 0 ends the list */
		uint64_t	 lsn;
	} fork[FORKS];
	struct one	 b[BACKUPS];
	int64_t		 running[2];		/* 0: none */
	int64_t		 there;			/* of both; 0: after all */
	int64_t		 here[BACKUPS];
	int		 guessed;
	uint64_t	 want[LINES];		/* timelines 1 to 4 */
} cases[] = {
	{ .name = "a backup, from the segment that it begins in",
	  .b = { { 1, S(10) + 1, S(12), 100, LINE, 0 } },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "a backup that begins with its segment",
	  .b = { { 1, S(10), S(12), 100, LINE, 0 } },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "a backup that begins with the last byte of a segment",
	  .b = { { 1, S(11) - 1, S(12), 100, LINE, 0 } },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "the lowest of those that stay, in any order",
	  .b = { { 1, S(20), S(21), 300, LINE, 0 },
		 { 1, S(5), S(6), 100, GONE, 0 },
		 { 1, S(10), S(11), 200, LINE, 0 } },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "no backup: no WAL goes",
	  .fork = { { 1, S(20) } },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "no backup that stays: no WAL goes",
	  .b = { { 1, S(20), S(21), 300, GONE, 0 },
		 { 2, S(40), S(41), 400, GONE, 0 } },
	  .fork = { { 1, S(30) } },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "a backup that stands alone holds no line",
	  .b = { { 1, S(20), S(21), 300, ISLAND, 0 } },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "what stands alone lowers no floor",
	  .b = { { 1, S(5), S(6), 100, ISLAND, 0 },
		 { 1, S(20), S(21), 300, LINE, 0 } },
	  .want = { 20, 0, 0, 0 } },

	/* Rules 1 and 3: a timeline that descends from the backup, or not. */
	{ .name = "onto the child",
	  .fork = { { 1, S(20) + 3 } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 } },
	  .want = { 10, 10, 0, 0 } },
	{ .name = "the backup ends where the child begins",
	  .fork = { { 1, S(11) + 3 } },
	  .b = { { 1, S(10), S(11) + 3, 100, LINE, 0 } },
	  .want = { 10, 10, 0, 0 } },
	{ .name = "the backup ends a byte behind: the child stays whole",
	  .fork = { { 1, S(11) + 3 } },
	  .b = { { 1, S(10), S(11) + 4, 100, LINE, 0 } },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "onto the grandchild",
	  .fork = { { 1, S(20) }, { 2, S(30) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 } },
	  .want = { 10, 10, 10, 0 } },
	{ .name = "the grandchild left before the child did",
	  .fork = { { 1, S(20) }, { 2, S(8) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 } },
	  .want = { 10, 10, 0, 0 } },
	{ .name = "two children, one of them before the backup",
	  .fork = { { 1, S(20) }, { 1, S(8) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 } },
	  .want = { 10, 10, 0, 0 } },

	/* Rule 2: branches that were left. */
	{ .name = "a branch that was left goes by the lowest of all",
	  .fork = { { 1, S(20) } },
	  .b = { { 2, S(25), S(26), 300, LINE, 0 },
		 { 2, S(40), S(41), 400, LINE, 0 } },
	  .want = { 25, 25, 0, 0 } },
	{ .name = "also where its own backup goes",
	  .fork = { { 1, S(20) } },
	  .b = { { 1, S(30), S(31), 100, GONE, 0 },
		 { 2, S(25), S(26), 300, LINE, 0 } },
	  .want = { 25, 25, 0, 0 } },
	{ .name = "a timeline that only its WAL names",
	  .b = { { 3, S(25), S(26), 300, LINE, 0 } },
	  .want = { 25, 25, 25, 0 } },

	/* Rule 4: backups under way. */
	{ .name = "under way, and the one before it goes",
	  .b = { { 1, S(20), S(21), 200, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 250 },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "under way, begun when the one before it ended",
	  .b = { { 1, S(20), S(21), 200, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 200 },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "under way, begun before that",
	  .b = { { 1, S(20), S(21), 200, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 199 },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "under way behind all: the floor stays",
	  .b = { { 1, S(20), S(21), 200, LINE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 900 },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "of two under way the earlier one decides",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 200, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 900, 150 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "one that does not count is not the one before",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 200, GONE, 1 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 250 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "a clock set back: what is behind it is not believed",
	  .b = { { 1, S(10), S(11), 500, GONE, 0 },
		 { 1, S(20), S(21), 300, GONE, 0 },
		 { 1, S(30), S(31), 550, LINE, 0 } },
	  .running = { 600 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "a clock set forward: nor what is behind that",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 700, GONE, 0 },
		 { 1, S(30), S(31), 200, LINE, 0 } },
	  .running = { 400 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "equal times are in order",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 100, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 100 },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "equal ends: the later time is believed",
	  .b = { { 1, S(10), S(21), 100, GONE, 0 },
		 { 1, S(20), S(21), 900, GONE, 0 },
		 { 1, S(30), S(31), 950, LINE, 0 } },
	  .running = { 500 },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "equal in all: the one that began first",
	  .b = { { 1, S(20), S(21), 100, GONE, 0 },
		 { 1, S(10), S(21), 100, GONE, 0 },
		 { 1, S(30), S(31), 950, LINE, 0 } },
	  .running = { 500 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "the clock was set back: one that came later counts not",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 500 }, .there = 50, .here = { 40, 51 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "nor does one that came at the same moment",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 500 }, .there = 50, .here = { 49, 50 },
	  .want = { 10, 0, 0, 0 } },
	{ .name = "nor one that ended behind it, wherever that came from",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 500 }, .there = 50, .here = { 60, 40 },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "one that came before it does",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 500 }, .there = 50, .here = { 40, 49 },
	  .want = { 30, 0, 0, 0 } },
	{ .name = "each timeline has its own one before",
	  .fork = { { 1, S(25) } },
	  .b = { { 1, S(20), S(21), 200, GONE, 0 },
		 { 1, S(40), S(41), 400, LINE, 0 },
		 { 2, S(30), S(31), 300, LINE, 0 } },
	  .running = { 350 },
	  .want = { 20, 30, 0, 0 } },
	{ .name = "under way on a timeline that nothing leads to",
	  .fork = { { 1, S(15) } },
	  .b = { { 1, S(20), S(21), 200, LINE, 0 } },
	  .running = { 500 },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "under way, perhaps on a timeline that only its WAL names",
	  .b = { { 3, S(25), S(26), 300, LINE, 0 } },
	  .running = { 900 },
	  .want = { 0, 0, 25, 0 } },

	/* Young ones lower floors and raise none. */
	{ .name = "a young one that began earlier",
	  .b = { { 1, S(5), S(6), 100, LINE, 2 },
		 { 1, S(20), S(21), 200, LINE, 0 } },
	  .want = { 5, 0, 0, 0 } },
	{ .name = "a young one alone on its timeline: its WAL stays",
	  .b = { { 1, S(20), S(21), 200, LINE, 0 },
		 { 2, S(30), S(31), 300, LINE, 2 } },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "a young one on a far timeline: the new one's stays",
	  .fork = { { 1, S(15) } },
	  .b = { { 1, S(20), S(21), 200, LINE, 0 },
		 { 4, S(30), S(31), 300, LINE, 2 } },
	  .want = { 20, 0, 0, 0 } },
	{ .name = "a young one on a branch that was left",
	  .fork = { { 1, S(5) } },
	  .b = { { 1, S(30), S(31), 200, LINE, 2 },
		 { 2, S(20), S(21), 300, LINE, 0 } },
	  .want = { 20, 20, 0, 0 } },
	{ .name = "young ones alone: all stays",
	  .b = { { 1, S(20), S(21), 200, LINE, 2 } },
	  .want = { 0, 0, 0, 0 } },
	{ .name = "a young one is not the one before",
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 200, LINE, 2 },
		 { 1, S(30), S(31), 300, LINE, 0 } },
	  .running = { 250 },
	  .want = { 10, 0, 0, 0 } },

	/* Lines that are a guess. */
	{ .name = "a guess: all as low as the lowest",
	  .fork = { { 1, S(5) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 },
		 { 2, S(20), S(21), 200, LINE, 0 } },
	  .guessed = 1,
	  .want = { 10, 10, 0, 0 } },
	{ .name = "the same, known",
	  .fork = { { 1, S(5) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 },
		 { 2, S(20), S(21), 200, LINE, 0 } },
	  .want = { 10, 20, 0, 0 } },
	{ .name = "a guess: what seems to lead to the newest may not",
	  .fork = { { 1, S(20) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 } },
	  .guessed = 1,
	  .want = { 10, 0, 0, 0 } },
	{ .name = "a guess: what one under way needs is needed everywhere",
	  .fork = { { 1, S(15) } },
	  .b = { { 1, S(10), S(11), 100, GONE, 0 },
		 { 1, S(20), S(21), 200, LINE, 0 },
		 { 2, S(30), S(31), 300, LINE, 0 } },
	  .running = { 150 },
	  .guessed = 1,
	  .want = { 10, 10, 0, 0 } },
	{ .name = "a guess: a floor of 0 stays 0 and lowers no other",
	  .fork = { { 1, S(5) } },
	  .b = { { 1, S(10), S(11), 100, LINE, 0 },
		 { 2, S(20), S(21), 200, LINE, 0 } },
	  .running = { 150 },
	  .guessed = 1,
	  .want = { 10, 0, 0, 0 } }
};

/* An input and what it borrows. */
struct world {
	struct timelines		 t;
	struct retention_wal_backup	 b[BACKUPS];
	struct retention_running	 running[2];
	struct retention_wal_input	 in;
};

static void
set_up(struct world *w, const struct floors_case *c)
{
	const struct one	*b;
	size_t			 i;

	memset(w, 0, sizeof(*w));
	timelines_init(&w->t);
	for (i = 0; i < FORKS && c->fork[i].parent != 0; i++)
		(void)timelines_fork(&w->t, c->fork[i].parent,
		    c->fork[i].lsn);
	for (i = 0; i < BACKUPS && c->b[i].tli != 0; i++) {
		b = &c->b[i];
		w->b[i].at = (struct lineage_backup){ .id = "x",
		    .stop_us = b->us, .start_lsn = b->start,
		    .stop_lsn = b->stop, .tli = b->tli };
		w->b[i].label_us = c->here[i];
		w->b[i].need = b->need;
		w->b[i].counts = !b->odd;
		w->b[i].young = b->odd == 2;
	}
	w->in.n = i;
	w->in.v = w->b;
	w->in.lines = w->t.lines;
	w->in.lines_guessed = c->guessed;
	w->in.segsize = TIMELINES_SEG;
	w->in.running = w->running;
	for (i = 0; i < 2 && c->running[i] != 0; i++)
		w->running[w->in.nrunning++] = (struct retention_running){
		    c->running[i], c->there != 0 ? c->there : INT64_MAX };
}

static void
test_floors(void **state)
{
	struct world		 w;
	struct retention_wal	 plan;
	struct err		 e = ERR_INIT;
	uint64_t		 floor;
	uint32_t		 tli;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		set_up(&w, &cases[i]);
		assert_int_equal(retention_wal_make(&w.in, &plan, &e), 0);
		for (tli = 1; tli <= LINES; tli++) {
			floor = retention_wal_floor(&plan, tli);
			if (floor != cases[i].want[tli - 1])
				fail_msg("%s: timeline %u: %llu",
				    cases[i].name, tli,
				    (unsigned long long)floor);
		}
		retention_wal_fini(&plan);
	}
}

static void
test_islands(void **state)
{
	static const struct {
		const char	*name;
		uint64_t	 start, stop, first, last;
	} islands[] = {
		{ "within one segment", S(10) + 1, S(10) + 9, 10, 10 },
		{ "over three", S(10) + 1, S(12) + 9, 10, 12 },
		{ "up to a border", S(10), S(12), 10, 11 },
		{ "up to the first byte behind it", S(10), S(12) + 1, 10,
		    12 },
		{ "nothing written, in a segment", S(10) + 3, S(10) + 3, 10,
		    10 },
		{ "from the first byte of all", 0, S(1), 0, 0 }
	};
	struct floors_case	 c = { .name = "an island" };
	struct world		 w;
	struct retention_wal	 plan;
	struct err		 e = ERR_INIT;
	uint64_t		 segno;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(islands); i++) {
		c.b[0] = (struct one){ 2, islands[i].start, islands[i].stop,
		    100, ISLAND, 0 };
		c.b[1] = (struct one){ 2, S(30), S(31), 200, LINE, 0 };
		c.b[2] = (struct one){ 1, S(20), S(21), 200, GONE, 0 };
		set_up(&w, &c);
		assert_int_equal(retention_wal_make(&w.in, &plan, &e), 0);
		for (segno = 0; segno < 40; segno++) {
			if (retention_wal_island(&plan, 2, segno) !=
			    (segno >= islands[i].first &&
			    segno <= islands[i].last))
				fail_msg("%s: %llu", islands[i].name,
				    (unsigned long long)segno);
			assert_false(retention_wal_island(&plan, 1, segno));
			assert_false(retention_wal_island(&plan, 3, segno));
		}
		retention_wal_fini(&plan);
	}
}

/* Whether WAL that leads on from an island goes. */
static void
test_cuts(void **state)
{
	static const struct {
		const char	*name;
		uint64_t	 start, stop;	/* of a second island */
		uint32_t	 tli;		/* of the line: 2 forks off */
		uint64_t	 floor;		/* at 15, in this segment */
		int		 want;
	} cut[] = {
		{ "up to the floor", 0, 0, 1, 30, 1 },
		{ "the floor is behind it", 0, 0, 1, 11, 0 },
		{ "another island is behind it", 11, 12, 1, 30, 1 },
		{ "which reaches the floor", 11, 30, 1, 30, 0 },
		{ "on the other line", 0, 0, 2, 30, 1 }
	};
	struct floors_case	 c = { .name = "cut" };
	struct world		 w;
	struct retention_wal	 plan;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	c.fork[0].parent = 1;
	c.fork[0].lsn = S(15) + 3;
	for (i = 0; i < LEN(cut); i++) {
		c.b[0] = (struct one){ 1, S(10), S(11), 100, ISLAND, 0 };
		c.b[1] = (struct one){ cut[i].tli, S(cut[i].floor),
		    S(cut[i].floor) + 1, 200, LINE, 0 };
		c.b[2] = (struct one){ 1, S(cut[i].start), S(cut[i].stop),
		    150, cut[i].start == 0 ? GONE : ISLAND, 0 };
		set_up(&w, &c);
		assert_int_equal(retention_wal_make(&w.in, &plan, &e), 0);
		if (retention_wal_cuts(&plan, &w.in.lines, TIMELINES_SEG,
		    &w.b[0].at) != cut[i].want)
			fail_msg("%s", cut[i].name);
		retention_wal_fini(&plan);
	}
}

/* Real segments, far out: nothing is cut to 32 bits. */
static void
test_far_out(void **state)
{
	static const uint32_t	 segsize[] = { 1 << 20, 16 << 20, 1 << 30 };
	const uint64_t		 start = UINT64_C(0xFFFFFFFFFF000000);
	struct floors_case	 c = { .name = "far out" };
	struct world		 w;
	struct retention_wal	 plan;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	c.b[0] = (struct one){ 1, start, UINT64_MAX, 100, ISLAND, 0 };
	c.b[1] = (struct one){ 1, start, UINT64_MAX, 100, LINE, 0 };
	for (i = 0; i < LEN(segsize); i++) {
		set_up(&w, &c);
		w.in.segsize = segsize[i];
		assert_int_equal(retention_wal_make(&w.in, &plan, &e), 0);
		assert_true(retention_wal_floor(&plan, 1) ==
		    start / segsize[i]);
		assert_true(retention_wal_island(&plan, 1,
		    UINT64_MAX / segsize[i]));
		assert_false(retention_wal_island(&plan, 1,
		    start / segsize[i] - 1));
		retention_wal_fini(&plan);
	}
}

static void
make_up(struct world *w, uint64_t seed)
{
	uint64_t	 x = seed * 2654435761u + 1;
	uint64_t	 i;
	struct lineage_backup	*at;

	memset(w, 0, sizeof(*w));
	timelines_random(&w->t, &x);
	w->in.v = w->b;
	w->in.n = timelines_rand(&x, BACKUPS + 1);
	for (i = 0; i < w->in.n; i++) {
		at = &w->b[i].at;
		at->id = "x";
		at->tli = 1 + (uint32_t)timelines_rand(&x, w->t.n);
		at->start_lsn = w->t.begin[at->tli] +
		    timelines_rand(&x, 300);
		at->stop_lsn = at->start_lsn + timelines_rand(&x, 30);
		at->stop_us = (int64_t)timelines_rand(&x, 10);
		w->b[i].need = (enum retention_wal_need)timelines_rand(&x, 3);
		w->b[i].counts = timelines_rand(&x, 5) != 0;
		w->b[i].label_us = (int64_t)timelines_rand(&x, 10);
	}
	w->in.lines = w->t.lines;
	w->in.segsize = TIMELINES_SEG;
	w->in.running = w->running;
	w->in.nrunning = timelines_rand(&x, 3);
	for (i = 0; i < 2; i++)
		w->running[i] = (struct retention_running){
		    (int64_t)timelines_rand(&x, 12),
		    (int64_t)timelines_rand(&x, 12) };
}

/* The floors of all timelines, and of one that nothing names. */
static void
floors(const struct world *w, uint64_t out[TIMELINES_MAX + 1])
{
	struct retention_wal	 plan;
	struct err		 e = ERR_INIT;
	uint32_t		 tli;

	assert_int_equal(retention_wal_make(&w->in, &plan, &e), 0);
	for (tli = 1; tli <= TIMELINES_MAX + 1; tli++)
		out[tli - 1] = retention_wal_floor(&plan, tli);
	retention_wal_fini(&plan);
}

static void
compare_floors(const uint64_t a[TIMELINES_MAX + 1],
    const uint64_t b[TIMELINES_MAX + 1], int equal, uint64_t seed,
    const char *what)
{
	size_t	 i;

	for (i = 0; i <= TIMELINES_MAX; i++)
		if (equal ? a[i] != b[i] : a[i] > b[i])
			fail_msg("seed %llu: %s: timeline %zu: %llu, %llu",
			    (unsigned long long)seed, what, i + 1,
			    (unsigned long long)a[i],
			    (unsigned long long)b[i]);
}

/* Whoever knows less, or has more under way, keeps no less WAL. */
static void
test_random(void **state)
{
	struct retention_wal_backup	 last;
	struct world			 w;
	uint64_t			 want[TIMELINES_MAX + 1];
	uint64_t			 got[TIMELINES_MAX + 1], seed;
	size_t				 i;

	(void)state;
	for (seed = 1; seed <= 20000; seed++) {
		make_up(&w, seed);
		floors(&w, want);
		if (w.in.n > 1) {
			last = w.b[w.in.n - 1];
			for (i = w.in.n - 1; i > 0; i--)
				w.b[i] = w.b[i - 1];
			w.b[0] = last;
			floors(&w, got);
			compare_floors(got, want, 1, seed, "another order");
		}
		w.in.lines_guessed = 1;
		floors(&w, got);
		compare_floors(got, want, 0, seed, "a guess");
		w.in.lines_guessed = 0;
		if (w.in.nrunning > 0) {
			w.in.nrunning--;
			floors(&w, got);
			compare_floors(want, got, 0, seed, "under way");
		}
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_floors),
		cmocka_unit_test(test_islands),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_far_out),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
