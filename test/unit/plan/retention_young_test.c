/* SPDX-License-Identifier: ISC */
/*
 * Retention by evidence: what is young or not whole counts for nothing, and
 * whatever is added to it makes nothing go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/retention.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define DAY	INT64_C(86400000000)
#define NOW	(1000 * DAY)
#define GRACE	(3 * DAY)
#define BACKUPS	12
#define FORGED	8
#define CASES	20000

/* Four backups, one every ten days, and what is known of each. */
struct one {
	int64_t		 here;		/* days ago; 0: as it ended */
	const char	*lacks;
	const char	*why;		/* in [] it goes */
};

static const struct young_case {
	const char	*policy;
	struct one	 b[4];
} cases[] = {
	{ "redundancy 1", { { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, NULL, "one of the 1 newest" } } },
	/* The newest two are young: the one before them stays. */
	{ "redundancy 1", { { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, NULL, "one of the 1 newest that count" },
	    { 2, NULL, "young, and counts for nothing before "
	    "1972-09-28T00:00:00Z" },
	    { 2, NULL, "young, and counts for nothing before "
	    "1972-09-28T00:00:00Z" } } },
	/* Not whole: the same, for as long as it takes. */
	{ "redundancy 1", { { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, "it is red", "incomplete, and counts for nothing: it is "
	    "red" }, { 0, NULL, "one of the 1 newest that count" },
	    { 0, "it is missing", "incomplete, and counts for nothing: it is "
	    "missing" } } },
	/* All are young, as after a copy. */
	{ "redundancy 1", { { 1, NULL, "young, and counts for nothing before "
	    "1972-09-29T00:00:00Z" }, { 1, NULL, "young, and counts for "
	    "nothing before 1972-09-29T00:00:00Z" }, { 1, NULL, "young, and "
	    "counts for nothing before 1972-09-29T00:00:00Z" }, { 1, NULL,
	    "young, and counts for nothing before 1972-09-29T00:00:00Z" } } },
	/* From the future by the repository's clock, and not known. */
	{ "redundancy 1", { { 0, NULL, "[not needed for redundancy 1]" },
	    { 0, NULL, "one of the 1 newest that count" },
	    { -5, NULL, "young, and counts for nothing: by its time it came "
	    "in the future, so a clock is or was wrong" },
	    { 9999, NULL, "young, and counts for nothing: it is not known "
	    "since when it has been in the repository" } } },
	{ "recovery window of 2 weeks",
	    { { 0, NULL, "[not needed for recovery window of 2 weeks]" },
	    { 0, NULL, "[not needed for recovery window of 2 weeks]" },
	    { 0, NULL, "begins the recovery window" },
	    { 0, NULL, "within the recovery window" } } },
	/* It says that it ended before the window, and came within it. */
	{ "recovery window of 2 weeks",
	    { { 0, NULL, "[not needed for recovery window of 2 weeks]" },
	    { 0, NULL, "begins the recovery window" },
	    { 4, NULL, "in the repository for less than the recovery "
	    "window" },
	    { 0, NULL, "within the recovery window" } } },
	{ "recovery window of 2 weeks",
	    { { 5, NULL, "in the repository for less than the recovery "
	    "window" },
	    { 5, NULL, "in the repository for less than the recovery "
	    "window" },
	    { 1, NULL, "young, and counts for nothing before "
	    "1972-09-29T00:00:00Z" },
	    { 0, NULL, "within the recovery window" } } }
};

static void
check(const struct young_case *c)
{
	struct retention_backup	 v[4];
	struct retention_input	 in = { .v = v, .n = 4, .now_us = NOW,
	    .segsize = TIMELINES_SEG, .slack_us = DAY,
	    .grace = { NOW, GRACE } };
	struct retention_plan	 p;
	struct err		 e = ERR_INIT;
	char			 got[RETENTION_WHY + 2];
	int			 k;

	if (retention_policy_parse(c->policy, &in.policy, &e))
		fail_msg("%s", e.msg);
	for (k = 0; k < 4; k++) {
		memset(&v[k], 0, sizeof(v[k]));
		v[k].at = (struct lineage_backup){ .id = "x", .tli = 1,
		    .start_lsn = (uint64_t)(10 * k + 1) * TIMELINES_SEG,
		    .stop_us = NOW - (35 - 10 * k) * DAY };
		v[k].at.stop_lsn = v[k].at.start_lsn + 1;
		v[k].here_us = c->b[k].here == 9999 ? GRACE_UNKNOWN :
		    c->b[k].here == 0 ? v[k].at.stop_us :
		    NOW - c->b[k].here * DAY;
		v[k].dir_us = v[k].at.stop_us;
		v[k].lacks = c->b[k].lacks;
	}
	assert_int_equal(retention_make(&in, &p, &e), 0);
	for (k = 0; k < 4; k++) {
		(void)snprintf(got, sizeof(got), p.verdict[k].keep ? "%s" :
		    "[%s]", p.verdict[k].why);
		if (strcmp(got, c->b[k].why) != 0)
			fail_msg("case %zu, backup %d: %s",
			    (size_t)(c - cases), k, got);
	}
	retention_plan_free(&p);
}

static void
test_cases(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++)
		check(&cases[i]);
}

/* An older file was linked to this name: only the directory shows it. */
static void
test_directory(void **state)
{
	const struct grace		 g = { NOW, GRACE };
	struct retention_backup		 b = { .here_us = NOW - 9 * DAY,
	    .dir_us = NOW - 9 * DAY, .at.stop_us = NOW - 20 * DAY };

	(void)state;
	assert_true(retention_counts(&b, &g));
	assert_true(retention_ended(&b, &g) == NOW - 9 * DAY);
	b.dir_us = NOW - DAY;
	assert_false(retention_counts(&b, &g));
	assert_true(retention_is_young(&b, &g));
	assert_true(retention_ended(&b, &g) == NOW - 9 * DAY);
	b.dir_us = b.here_us;
	b.gone = 1;
	assert_false(retention_counts(&b, &g));
}

/* One backup, whole and not young. */
static struct retention_backup
at(const char *id, int days, int here, uint64_t segno)
{
	return ((struct retention_backup){ .at = { .id = id, .tli = 1,
	    .stop_us = NOW - days * DAY, .start_us = NOW - days * DAY,
	    .start_lsn = segno * TIMELINES_SEG,
	    .stop_lsn = segno * TIMELINES_SEG + 9 },
	    .here_us = NOW - here * DAY, .dir_us = NOW - here * DAY });
}

/*
 * A thief's backups count when the grace is over.  Even then one that says
 * that it is old takes no old one's place: now is 1972-09-27, a Wednesday.
 */
static void
test_periods(void **state)
{
	const struct retention_backup	 v[] = {
		at("genuine of July", 60, 60, 10),
		at("genuine of August", 30, 30, 20),
		at("newest", 5, 5, 90),
		at("forged of July", 58, 4, 11),
		at("forged of August", 28, 4, 21),
		at("forged of May", 120, 4, 12),
		at("young", 1, 1, 91)
	};
	static const char *const	 why[] = {
		"monthly 1972-07, to its end only",
		"monthly 1972-08, to its end only",
		"one of the 1 newest that count; weekly 1972-W38, monthly "
		"1972-09",
		"weekly 1972-W31, monthly 1972-07, to its end only",
		"weekly 1972-W35, monthly 1972-08, to its end only",
		"weekly 1972-W22, monthly 1972-05, to its end only",
		"young, and counts for nothing before 1972-09-29T00:00:00Z"
	};
	struct retention_input		 in = { .v = v, .n = LEN(v),
	    .now_us = NOW, .segsize = TIMELINES_SEG, .slack_us = DAY,
	    .grace = { NOW, GRACE }, .policy = {
	    .kind = RETENTION_REDUNDANCY, .n = 1, .keep = { 0, 1, 3, 0 } } };
	struct retention_plan		 p;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	assert_int_equal(retention_make(&in, &p, &e), 0);
	for (i = 0; i < LEN(v); i++) {
		assert_true(p.verdict[i].keep);
		if (strcmp(p.verdict[i].why, why[i]) != 0)
			fail_msg("%s: %s", v[i].at.id, p.verdict[i].why);
	}
	/* Alone: the floor is that of the newest. */
	assert_true(p.verdict[0].alone);
	assert_int_equal(retention_wal_floor(&p.wal, 1), 90);
	assert_true(retention_wal_island(&p.wal, 1, 10));
	retention_plan_free(&p);
}

/* --- Whatever is added --- */

struct world {
	uint64_t		 seed, x;
	struct timelines	 t;
	size_t			 known;		/* histories before him */
	struct retention_backup	 b[BACKUPS + FORGED];
	char			 id[BACKUPS + FORGED][8];
	size_t			 n;		/* without the thief */
	uint32_t		 young[TIMELINES_MAX];
	size_t			 nyoung;
	struct retention_running	 running[1];
	struct retention_input	 in;
};

static uint64_t
rnd(struct world *w, uint64_t below)
{
	return (timelines_rand(&w->x, below));
}

static void
add(struct world *w, size_t i, uint32_t tli, int young)
{
	struct retention_backup	*b = &w->b[i];

	(void)snprintf(w->id[i], sizeof(w->id[i]), "b%zu", i);
	b->at = (struct lineage_backup){ .id = w->id[i], .tli = tli,
	    .start_lsn = 1 + rnd(w, TIMELINES_SPAN - 30),
	    .stop_us = NOW - (int64_t)rnd(w, 60) * DAY / 2 };
	b->at.stop_lsn = b->at.start_lsn + 1 + rnd(w, 20);
	b->at.start_us = b->at.stop_us;
	if (rnd(w, 20) == 0)
		b->at.stop_us += 500 * DAY;
	b->here_us = b->dir_us = young ? NOW - (int64_t)rnd(w, 2) * DAY :
	    NOW - GRACE - (int64_t)rnd(w, 40) * DAY;
	if (rnd(w, 6) == 0)
		b->lacks = "something";
}

/* The first timelines are settled; those behind them are young. */
static void
make(struct world *w, uint64_t seed)
{
	uint64_t	 settled, n, i;
	uint32_t	 tli;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->x = seed * 2654435761u + 1;
	timelines_init(&w->t);
	n = rnd(w, TIMELINES_MAX - 2);
	for (i = 0; i < n; i++)
		(void)timelines_fork(&w->t, 1 + (uint32_t)rnd(w, w->t.n),
		    1 + rnd(w, TIMELINES_SPAN));
	w->known = w->t.lines.n;
	settled = 1 + rnd(w, w->t.n);
	for (tli = 1; tli <= w->t.n; tli++)
		if (tli > settled)
			w->young[w->nyoung++] = tli;
	for (i = rnd(w, BACKUPS); i > 0; i--) {
		tli = 1 + (uint32_t)rnd(w, w->t.n);
		add(w, w->n++, tli, tli > settled || rnd(w, 4) == 0);
	}
	w->in = (struct retention_input){ .v = w->b, .n = w->n,
	    .lines = { w->t.lines.v, w->known }, .segsize = TIMELINES_SEG,
	    .latest = (uint32_t)settled, .young = w->young,
	    .nyoung = w->nyoung, .grace = { NOW, GRACE }, .now_us = NOW,
	    .slack_us = DAY, .minimum_redundancy = rnd(w, 3),
	    .running = w->running, .nrunning = rnd(w, 4) == 0 };
	w->running[0].began_us = NOW - (int64_t)rnd(w, 20) * DAY;
	w->running[0].there_us = NOW;
	w->in.policy.kind = rnd(w, 2) == 0 ? RETENTION_REDUNDANCY :
	    RETENTION_WINDOW;
	w->in.policy.n = 1 + rnd(w, 5);
	w->in.policy.unit_days = 1;
	for (i = 0; i < RETENTION_PERIODS; i++)
		if (rnd(w, 2) == 0)
			w->in.policy.keep[i] = rnd(w, 6);
}

/* Timelines that fork off anywhere, and backups that say anything. */
static void
forge(struct world *w)
{
	uint64_t	 n;

	for (n = rnd(w, TIMELINES_MAX - w->t.n); n > 0; n--)
		w->young[w->nyoung++] = timelines_fork(&w->t, 1 +
		    (uint32_t)rnd(w, w->t.n), 1 + rnd(w, TIMELINES_SPAN));
	w->in.lines = w->t.lines;
	w->in.nyoung = w->nyoung;
	for (n = 1 + rnd(w, FORGED - 1); n > 0; n--)
		add(w, w->in.n++, 1 + (uint32_t)rnd(w, w->t.n), 1);
}

static void
test_thief(void **state)
{
	static struct world	 w;
	struct retention_plan	 was, is;
	struct err		 e = ERR_INIT;
	uint64_t		 seed;
	uint32_t		 tli;
	size_t			 i, n, went = 0;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		make(&w, seed);
		n = w.t.n;
		assert_int_equal(retention_make(&w.in, &was, &e), 0);
		forge(&w);
		assert_int_equal(retention_make(&w.in, &is, &e), 0);
		for (i = 0; i < w.n; i++) {
			went += !was.verdict[i].keep;
			if (was.verdict[i].keep && !is.verdict[i].keep)
				fail_msg("seed %llu: backup %zu, %s",
				    (unsigned long long)seed, i,
				    was.verdict[i].why);
		}
		for (tli = 1; tli <= n; tli++)
			for (i = 0; i < w.n; i++)
				if (was.verdict[i].keep &&
				    !was.verdict[i].alone &&
				    lineage_reaches(&w.in.lines,
				    w.b[i].at.tli, w.b[i].at.stop_lsn, tli))
					assert_true(retention_wal_floor(
					    &is.wal, tli) <=
					    w.b[i].at.start_lsn /
					    TIMELINES_SEG);
		/* Of those that stand alone their own WAL stays. */
		for (i = 0; i < w.n; i++)
			assert_true(!was.verdict[i].alone ||
			    retention_wal_floor(&is.wal, w.b[i].at.tli) <=
			    w.b[i].at.start_lsn / TIMELINES_SEG ||
			    retention_wal_island(&is.wal, w.b[i].at.tli,
			    w.b[i].at.start_lsn / TIMELINES_SEG));
		/* Nor does WAL go that no backup leads to yet. */
		if (retention_wal_floor(&was.wal, (uint32_t)n) == 0)
			assert_int_equal(retention_wal_floor(&is.wal,
			    (uint32_t)n), 0);
		retention_plan_free(&was);
		retention_plan_free(&is);
	}
	assert_true(went > CASES / 10);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_thief)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
