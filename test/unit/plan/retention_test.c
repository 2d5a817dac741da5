/* SPDX-License-Identifier: ISC */
/* Retention: examples, and random histories against a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "plan/retention.h"
#include "timelines.h"

#define SEGS	(TIMELINES_SPAN / TIMELINES_SEG)
#define BACKUPS	14
#define CASES	10000
#define DAY	INT64_C(86400000000)
#define NOW	(1000 * DAY)

/* A history of backups at random, and what the archive holds of its WAL. */
struct world {
	struct timelines	 t;
	struct retention_backup	 b[BACKUPS];
	char			 id[BACKUPS][8];
	char			 when[BACKUPS][RETENTION_PERIODS][32];
	struct packruns_run	 ref[BACKUPS][3];
	struct retention_running	 running[2];
	uint32_t		 fed[TIMELINES_MAX];
	char			 has[TIMELINES_MAX + 1][SEGS];
	struct retention_input	 in;
	struct retention_plan	 plan;
	uint64_t		 seed;
};

#define CHECK(w, cond) do {						\
	if (!(cond))							\
		fail_msg("seed %llu: %s", (unsigned long long)(w)->seed,\
		    #cond);						\
} while (0)

static void
add_backup(struct world *w, uint64_t *x, uint32_t tli, uint64_t *lsn,
    int64_t *now)
{
	size_t			 i = w->in.n++, k;
	struct retention_backup	*b = &w->b[i];
	uint32_t		 first;

	(void)snprintf(w->id[i], sizeof(w->id[i]), "b%zu", i);
	b->at = (struct lineage_backup){ .id = w->id[i], .tli = tli,
	    .start_us = *now, .start_lsn = *lsn };
	*lsn += 1 + timelines_rand(x, 20);
	*now += (int64_t)timelines_rand(x, 4) * DAY / 2;
	b->at.stop_lsn = *lsn;
	b->at.stop_us = *now;
	if (timelines_rand(x, 20) == 0)
		b->at.stop_us += 500 * DAY;
	b->pinned = timelines_rand(x, 10) == 0 ? "pinned" : NULL;
	b->ref = w->ref[i];
	b->nref = timelines_rand(x, 4);
	for (k = 0; k < b->nref; k++) {
		first = 1 + (uint32_t)timelines_rand(x, 20);
		w->ref[i][k] = (struct packruns_run){
		    w->id[timelines_rand(x, i + 1)], first,
		    first + (uint32_t)timelines_rand(x, 5) };
	}
}

static void
live(struct world *w, uint64_t *x)
{
	uint64_t	 lsn = 1, segno;
	uint32_t	 tli = 1;
	int64_t		 now = DAY;
	int		 i;

	timelines_init(&w->t);
	for (i = 0; i < 30 && lsn < TIMELINES_SPAN - 60; i++) {
		segno = lsn / TIMELINES_SEG;
		switch (timelines_rand(x, 6)) {
		case 0:
			if (w->t.n == TIMELINES_MAX)
				break;
			if (timelines_rand(x, 4) == 0)
				tli = 1 + (uint32_t)timelines_rand(x,
				    w->t.n);
			if (timelines_rand(x, 2) == 0)	/* promotion */
				lsn = 1 + timelines_rand(x, lsn);
			tli = timelines_fork(&w->t, tli, lsn);
			segno = lsn / TIMELINES_SEG;
			break;
		case 1:
		case 2:
			if (w->in.n < BACKUPS)
				add_backup(w, x, tli, &lsn, &now);
			break;
		default:
			lsn += timelines_rand(x, 40);
			now += (int64_t)timelines_rand(x, 30) * DAY / 10;
		}
		for (; segno <= lsn / TIMELINES_SEG; segno++)
			w->has[tli][segno] = 1;
	}
	w->in.now_us = now + (int64_t)timelines_rand(x, 10) * DAY;
	if (timelines_rand(x, 4) == 0) {
		w->in.nrunning = 1 + timelines_rand(x, 2);
		w->running[0].began_us = now -
		    (int64_t)timelines_rand(x, 30) * DAY;
		w->running[1].began_us = now;
		w->running[0].there_us = w->running[1].there_us = now;
	}
}

/* Day, week, month or year of a moment, as the C library has it. */
static void
period_of(char buf[32], size_t kind, int64_t us)
{
	const time_t	 at = (time_t)(us / 1000000);
	struct tm	 tm;

	assert_non_null(gmtime_r(&at, &tm));
	assert_true((kind == 0 ? strftime(buf, 32, "%Y-%m-%d", &tm) :
	    kind == 1 ? strftime(buf, 32, "%G-W%V", &tm) :
	    kind == 2 ? strftime(buf, 32, "%Y-%m", &tm) :
	    strftime(buf, 32, "%Y", &tm)) > 0);
}

static void
make(struct world *w, uint64_t seed)
{
	struct err	 e = ERR_INIT;
	uint64_t	 x = seed * 2654435761u + 1;
	uint32_t	 tli;
	size_t		 i, kind;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	live(w, &x);
	for (i = 0; i < w->in.n; i++)
		for (kind = 0; kind < RETENTION_PERIODS; kind++)
			period_of(w->when[i][kind], kind, w->b[i].at.stop_us);
	w->in.v = w->b;
	w->in.lines = w->t.lines;
	w->in.segsize = TIMELINES_SEG;
	w->in.slack_us = DAY;
	w->in.running = w->running;
	w->in.minimum_redundancy = timelines_rand(&x, 4);
	w->in.policy.kind = timelines_rand(&x, 8) == 0 ? RETENTION_ALL :
	    timelines_rand(&x, 2) == 0 ? RETENTION_REDUNDANCY :
	    RETENTION_WINDOW;
	w->in.policy.n = 1 + timelines_rand(&x, 6);
	w->in.policy.unit_days = timelines_rand(&x, 3) == 0 ? 7 : 1;
	for (i = 0; i < RETENTION_PERIODS; i++)
		if (timelines_rand(&x, 3) == 0)
			w->in.policy.keep[i] = timelines_rand(&x, 5);
	for (tli = 1; tli < w->t.n; tli++)
		if (timelines_rand(&x, 4) == 0)
			w->fed[w->in.nfed++] = tli;
	w->in.fed = w->fed;
	assert_int_equal(retention_make(&w->in, &w->plan, &e), 0);
}

static int
future(const struct world *w, const struct retention_backup *b)
{
	return (b->at.stop_us > w->in.now_us + DAY);
}

/* "b" can be rolled forward onto the line of "tli". */
static int
leads(const struct world *w, const struct retention_backup *b, uint32_t tli)
{
	return (timelines_writer(&w->t, tli, b->at.stop_lsn - 1) ==
	    b->at.tli);
}

static int
newer(const struct retention_backup *a, const struct retention_backup *b)
{
	if (a->at.stop_us != b->at.stop_us)
		return (a->at.stop_us > b->at.stop_us);
	if (a->at.tli != b->at.tli)
		return (a->at.tli > b->at.tli);
	return (a->at.stop_lsn > b->at.stop_lsn);
}

/* On one line the WAL says which is newer. */
static int
further(const struct retention_backup *a, const struct retention_backup *b)
{
	return (a->at.stop_lsn != b->at.stop_lsn ? a->at.stop_lsn >
	    b->at.stop_lsn : newer(a, b));
}

/* How many newer ones ended by "us" and lead onto "tli" (0: any). */
static size_t
count_newer(const struct world *w, const struct retention_backup *b,
    int64_t us, uint32_t tli)
{
	const struct retention_backup	*c;
	size_t				 n = 0;

	for (c = w->b; c < w->b + w->in.n; c++)
		n += !future(w, c) && c->at.stop_us <= us && (tli == 0 ?
		    newer(c, b) : further(c, b) && leads(w, c, tli));
	return (n);
}

/* It is among the "n" newest on the latest line, or on one that is fed. */
static int
on_line(const struct world *w, const struct retention_backup *b, int64_t us,
    uint64_t n)
{
	uint32_t	 tli;
	size_t		 i;

	for (i = 0; i <= w->in.nfed && b->at.stop_us <= us; i++) {
		tli = i == w->in.nfed ? (uint32_t)w->t.n : w->fed[i];
		if (leads(w, b, tli) && count_newer(w, b, us, tli) < n)
			return (1);
	}
	return (0);
}

static int
in_window(const struct world *w, const struct retention_backup *b,
    int64_t since)
{
	const struct retention_backup	*c;

	if (b->at.stop_us > since || count_newer(w, b, since, 0) == 0 ||
	    on_line(w, b, since, 1))
		return (1);
	for (c = w->b; c < w->b + w->in.n; c++)
		if (!future(w, c) && c->at.stop_us > since &&
		    leads(w, b, c->at.tli) &&
		    count_newer(w, b, since, c->at.tli) == 0)
			return (1);
	return (0);
}

/* What the policy keeps, pinned or not. */
static int
policy_keeps(const struct world *w, const struct retention_backup *b)
{
	uint64_t	 min = w->in.minimum_redundancy;

	if (future(w, b) || w->in.policy.kind == RETENTION_ALL)
		return (1);
	if (count_newer(w, b, INT64_MAX, 0) < (min == 0 ? 1 : min))
		return (1);
	if (on_line(w, b, INT64_MAX, 1))
		return (1);
	if (w->in.policy.kind == RETENTION_REDUNDANCY)
		return (count_newer(w, b, INT64_MAX, 0) < w->in.policy.n ||
		    on_line(w, b, INT64_MAX, w->in.policy.n));
	return (in_window(w, b, w->in.now_us -
	    retention_policy_window(&w->in.policy)));
}

/*
 * It is the newest of its period among those that lead onto "tli" (0: all),
 * and so few later periods have one.  Texts of periods sort as periods do.
 */
static int
stands(const struct world *w, const struct retention_backup *b, size_t kind,
    uint32_t tli)
{
	const struct retention_backup	*c;
	const char			*own = w->when[b - w->b][kind];
	const char			*other[BACKUPS];
	size_t				 i, later = 0;

	if (tli != 0 && !leads(w, b, tli))
		return (0);
	for (c = w->b; c < w->b + w->in.n; c++) {
		if (future(w, c) || (tli != 0 && !leads(w, c, tli)))
			continue;
		other[later] = w->when[c - w->b][kind];
		if (strcmp(other[later], own) == 0 && (tli == 0 ?
		    newer(c, b) : further(c, b)))
			return (0);
		if (strcmp(other[later], own) <= 0)
			continue;
		for (i = 0; i < later; i++)
			if (strcmp(other[i], other[later]) == 0)
				break;
		later += i == later;
	}
	return (later < w->in.policy.keep[kind]);
}

static int
period_keeps(const struct world *w, const struct retention_backup *b,
    size_t kind)
{
	size_t	 i;

	if (future(w, b) || w->in.policy.kind == RETENTION_ALL)
		return (0);
	for (i = 0; i < w->in.nfed; i++)
		if (stands(w, b, kind, w->fed[i]))
			return (1);
	return (stands(w, b, kind, 0) ||
	    stands(w, b, kind, (uint32_t)w->t.n));
}

/* It stays, if need be alone. */
static int
stays(const struct world *w, size_t i)
{
	size_t	 kind;

	for (kind = 0; kind < RETENTION_PERIODS; kind++)
		if (period_keeps(w, &w->b[i], kind))
			return (1);
	return (w->b[i].pinned != NULL);
}

/* But only what the policy keeps leads to later points. */
static int
holds(const struct world *w, size_t i)
{
	return (policy_keeps(w, &w->b[i]));
}

/* Exactly what the policy says goes, and each with a reason. */
static void
check_backups(const struct world *w)
{
	size_t	 i, kind, kept = 0;

	for (i = 0; i < w->in.n; i++) {
		CHECK(w, w->plan.verdict[i].keep == (holds(w, i) ||
		    stays(w, i)));
		CHECK(w, w->plan.verdict[i].alone == (!holds(w, i) &&
		    stays(w, i)));
		CHECK(w, w->plan.verdict[i].why[0] != '\0');
		for (kind = 0; kind < RETENTION_PERIODS; kind++)
			CHECK(w, w->plan.verdict[i].period[kind] ==
			    period_keeps(w, &w->b[i], kind));
		kept += w->plan.verdict[i].keep != 0;
	}
	CHECK(w, kept == w->plan.nkept);
	CHECK(w, kept > 0 || w->in.n == 0);
}

static int
has_before(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct world	*w = ctx;

	return (segno < SEGS && w->has[tli][segno]);
}

static int
has_after(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct world	*w = ctx;

	return (has_before(ctx, tli, segno) &&
	    segno >= retention_wal_floor(&w->plan.wal, tli));
}

/* Every kept backup recovers as far as before, onto every line it leads to. */
static void
check_wal(const struct world *w)
{
	const struct lineage_backup	*b;
	uint32_t			 tli;
	size_t				 i;

	for (i = 0; i < w->in.n; i++)
		for (tli = 1; tli <= w->t.n; tli++) {
			b = &w->b[i].at;
			if (!holds(w, i) ||
			    !leads(w, &w->b[i], tli))
				continue;
			CHECK(w, retention_wal_floor(&w->plan.wal, tli) <=
			    b->start_lsn / TIMELINES_SEG);
			CHECK(w, timelines_recover(&w->t, tli, b->start_lsn,
			    has_before, w) == timelines_recover(&w->t, tli,
			    b->start_lsn, has_after, w));
		}
}

/* WAL goes only up to where a backup begins, and then it does go. */
static void
check_floors(const struct world *w)
{
	uint64_t	 floor, segno, lowest = UINT64_MAX;
	uint32_t	 tli, newest = 0;
	size_t		 i;
	int		 reached, begins;

	for (i = 0; i < w->in.n; i++)
		if (holds(w, i)) {
			segno = w->b[i].at.start_lsn / TIMELINES_SEG;
			lowest = segno < lowest ? segno : lowest;
			newest = w->b[i].at.tli > newest ? w->b[i].at.tli :
			    newest;
		}
	for (tli = 1; tli <= w->t.n + 1; tli++) {
		floor = retention_wal_floor(&w->plan.wal, tli);
		reached = begins = 0;
		for (i = 0; i < w->in.n; i++) {
			begins |= floor == w->b[i].at.start_lsn /
			    TIMELINES_SEG;
			reached |= holds(w, i) &&
			    tli <= w->t.n && leads(w, &w->b[i], tli);
		}
		CHECK(w, floor == 0 || begins);
		if (w->in.nrunning > 0)
			continue;
		if (reached)
			CHECK(w, floor >= lowest);
		if (!reached && tli < newest)
			CHECK(w, floor >= lowest || w->in.n == 0);
		if (tli > w->t.n)
			CHECK(w, floor == 0);
	}
}

/* The newest that ended by "us" and leads onto "tli". */
static const struct retention_backup *
earlier(const struct world *w, uint32_t tli, int64_t us)
{
	const struct retention_backup	*b, *last = NULL;

	for (b = w->b; b < w->b + w->in.n; b++)
		if (!future(w, b) && b->at.stop_us <= us &&
		    leads(w, b, tli) && (last == NULL || newer(b, last)))
			last = b;
	return (last);
}

/*
 * A backup under way is on no timeline that we know, and needs WAL from where
 * the one before it on that line began.
 */
static void
check_running(const struct world *w)
{
	const struct retention_backup	*b;
	size_t				 i;
	uint32_t			 tli;

	for (i = 0; i < w->in.nrunning; i++)
		for (tli = 1; tli <= w->t.n; tli++) {
			b = earlier(w, tli, w->running[i].began_us);
			CHECK(w, retention_wal_floor(&w->plan.wal, tli) <=
			    (b == NULL ? 0 : b->at.start_lsn /
			    TIMELINES_SEG));
		}
}

/* What stands alone has its WAL, whatever the floor; no other an island. */
static void
check_islands(const struct world *w)
{
	const struct lineage_backup	*b;
	uint64_t			 segno;
	uint32_t			 tli;
	size_t				 i;
	int				 want;

	for (tli = 1; tli <= w->t.n; tli++)
		for (segno = 0; segno < SEGS; segno++) {
			want = 0;
			for (i = 0; i < w->in.n; i++) {
				b = &w->b[i].at;
				want |= stays(w, i) &&
				    !holds(w, i) && b->tli == tli &&
				    (segno + 1) * TIMELINES_SEG >
				    b->start_lsn && segno * TIMELINES_SEG <
				    b->stop_lsn;
			}
			CHECK(w, retention_wal_island(&w->plan.wal, tli, segno)
			    == want);
		}
}

/* Some backup, "kept" only or any, leads onto "tli" and ended by "us". */
static int
restorable(const struct world *w, uint32_t tli, int64_t us, int kept)
{
	size_t	 i;

	for (i = 0; i < w->in.n; i++)
		if ((!kept || holds(w, i)) &&
		    !future(w, &w->b[i]) && w->b[i].at.stop_us <= us &&
		    leads(w, &w->b[i], tli))
			return (1);
	return (0);
}

/* Every point of the window that could be restored still can be. */
static void
check_window(const struct world *w)
{
	uint32_t	 latest = (uint32_t)w->t.n;
	int64_t		 since, us;
	size_t		 i;

	CHECK(w, restorable(w, latest, INT64_MAX, 1) ==
	    restorable(w, latest, INT64_MAX, 0));
	if (w->in.policy.kind != RETENTION_WINDOW)
		return;
	since = w->in.now_us - retention_policy_window(&w->in.policy);
	for (us = since; us <= w->in.now_us; us += DAY / 2) {
		CHECK(w, restorable(w, latest, us, 1) ==
		    restorable(w, latest, us, 0));
		for (i = 0; i < w->in.n; i++)
			if (!future(w, &w->b[i]) &&
			    w->b[i].at.stop_us > since)
				CHECK(w, restorable(w, w->b[i].at.tli, us,
				    1) == restorable(w, w->b[i].at.tli, us,
				    0));
	}
}

static void
check_packs(const struct world *w)
{
	const struct packruns_run	*r;
	size_t				 i, j, k;
	uint32_t			 pack;
	int				 want;

	for (i = 0; i < w->in.n; i++)
		for (pack = 0; pack < 30; pack++) {
			want = 0;
			for (j = 0; j < w->in.n; j++)
				for (k = 0; k < w->b[j].nref; k++) {
					r = &w->ref[j][k];
					want |= w->plan.verdict[j].keep &&
					    r->backup == w->id[i] &&
					    r->first <= pack &&
					    r->last >= pack;
				}
			CHECK(w, packruns_has(&w->plan.packs, w->id[i],
			    pack) == want);
		}
}

static void
test_random(void **state)
{
	static struct world	 w;
	uint64_t		 seed;

	(void)state;
	for (seed = 1; seed <= CASES; seed++) {
		make(&w, seed);
		check_backups(&w);
		check_wal(&w);
		check_floors(&w);
		check_running(&w);
		check_islands(&w);
		check_window(&w);
		check_packs(&w);
		retention_plan_free(&w.plan);
	}
}

/* "days" ago, at segment "segno", on "tli". */
static struct retention_backup
backup(const char *id, int days, uint64_t segno, uint32_t tli)
{
	return ((struct retention_backup){ .at = { id, NOW - days * DAY - 9,
	    NOW - days * DAY, segno * TIMELINES_SEG + 1,
	    segno * TIMELINES_SEG + 9, tli } });
}

static void
plan(struct retention_plan *p, const struct retention_backup *v, size_t n,
    const struct timelines *t, const char *policy)
{
	struct retention_input	 in = { .v = v, .n = n, .lines = t->lines,
	    .segsize = TIMELINES_SEG, .now_us = NOW, .slack_us = DAY };
	struct err		 e = ERR_INIT;

	assert_int_equal(retention_policy_parse(policy, &in.policy, &e), 0);
	assert_int_equal(retention_make(&in, p, &e), 0);
}

static void
test_plain(void **state)
{
	const struct retention_backup	 v[] = {
		backup("a", 30, 10, 1), backup("b", 20, 20, 1),
		backup("c", 10, 30, 1), backup("d", 1, 40, 1),
		backup("e", -9, 15, 1) };
	struct timelines	 t;
	struct retention_plan	 p;

	(void)state;
	timelines_init(&t);
	plan(&p, v, 4, &t, "redundancy 2");
	assert_int_equal(p.nkept, 2);
	assert_string_equal(p.verdict[0].why, "not needed for redundancy 2");
	assert_string_equal(p.verdict[2].why, "one of the 2 newest");
	assert_int_equal(retention_wal_floor(&p.wal, 1), 30);
	retention_plan_free(&p);

	plan(&p, v, 4, &t, "recovery window of 2 weeks");
	assert_int_equal(p.nkept, 3);
	assert_string_equal(p.verdict[0].why, "not needed for recovery window "
	    "of 2 weeks");
	assert_string_equal(p.verdict[1].why, "begins the recovery window");
	assert_string_equal(p.verdict[2].why, "within the recovery window");
	assert_int_equal(retention_wal_floor(&p.wal, 1), 20);
	retention_plan_free(&p);

	/* A backup from the future pushes none out, and keeps its own WAL. */
	plan(&p, v, 5, &t, "redundancy 1");
	assert_int_equal(p.nkept, 2);
	assert_true(p.verdict[3].keep);
	assert_string_equal(p.verdict[4].why, "dated in the future: a clock "
	    "is wrong");
	assert_int_equal(retention_wal_floor(&p.wal, 1), 15);
	retention_plan_free(&p);

	/* All is older than the window: the newest stays. */
	plan(&p, v, 3, &t, "recovery window of 1 day");
	assert_int_equal(p.nkept, 1);
	assert_true(p.verdict[2].keep);
	retention_plan_free(&p);

	plan(&p, v, 4, &t, "");
	assert_int_equal(p.nkept, 4);
	assert_string_equal(p.verdict[0].why, "no retention policy");
	retention_plan_free(&p);

	/* Without a backup no WAL goes. */
	plan(&p, v, 0, &t, "redundancy 1");
	assert_int_equal(p.nkept, 0);
	assert_int_equal(retention_wal_floor(&p.wal, 1), 0);
	retention_plan_free(&p);
}

/* Recovery to an early point: the newest backup is on the branch left. */
static void
test_branch(void **state)
{
	struct retention_backup	 v[] = {
		backup("a", 30, 10, 1), backup("b", 20, 30, 1),
		backup("c", 1, 25, 2) };
	struct timelines	 t;
	struct retention_plan	 p;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 20 * TIMELINES_SEG + 3);
	plan(&p, v, 2, &t, "redundancy 1");
	assert_int_equal(p.nkept, 2);
	assert_string_equal(p.verdict[0].why,
	    "the newest that leads onto timeline 2");
	assert_int_equal(retention_wal_floor(&p.wal, 2), 10);
	retention_plan_free(&p);

	/* Even where that one is gone, what runs now keeps its WAL. */
	plan(&p, v + 1, 1, &t, "redundancy 1");
	assert_int_equal(retention_wal_floor(&p.wal, 1), 30);
	assert_int_equal(retention_wal_floor(&p.wal, 2), 0);
	assert_int_equal(retention_wal_floor(&p.wal, 3), 0);
	retention_plan_free(&p);

	/* Once it has its own backup, the branch left goes bit by bit. */
	plan(&p, v, 3, &t, "redundancy 1");
	assert_int_equal(p.nkept, 1);
	assert_int_equal(retention_wal_floor(&p.wal, 1), 25);
	assert_int_equal(retention_wal_floor(&p.wal, 2), 25);
	assert_int_equal(retention_wal_floor(&p.wal, 3), 0);
	retention_plan_free(&p);

	/* Clocks ran backwards: still one from before the window for both. */
	v[2] = backup("d", 2, 15, 1);
	plan(&p, v, 3, &t, "recovery window of 2 weeks");
	assert_int_equal(p.nkept, 3);
	assert_string_equal(p.verdict[0].why,
	    "begins the recovery window on timeline 2");
	retention_plan_free(&p);
}

/* A copy's backups are the newest, and the cluster goes on. */
static void
test_fed(void **state)
{
	const struct retention_backup	 v[] = {
		backup("a", 30, 10, 1), backup("b", 20, 18, 1),
		backup("c", 10, 40, 1), backup("d", 12, 50, 1),
		backup("e", 2, 25, 2), backup("f", 1, 30, 2) };
	static const uint32_t		 fed[] = { 1 };
	struct retention_input		 in = { .v = v, .n = 6,
	    .segsize = TIMELINES_SEG, .now_us = NOW, .slack_us = DAY,
	    .policy = { .kind = RETENTION_REDUNDANCY, .n = 1 } };
	struct timelines		 t;
	struct retention_plan		 p;
	struct err			 e = ERR_INIT;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 20 * TIMELINES_SEG + 3);
	in.lines = t.lines;
	assert_int_equal(retention_make(&in, &p, &e), 0);
	assert_int_equal(p.nkept, 1);
	assert_string_equal(p.verdict[5].why, "one of the 1 newest");
	retention_plan_free(&p);
	in.fed = fed;
	in.nfed = 1;
	for (in.lines_guessed = 0; in.lines_guessed < 2;
	    in.lines_guessed++) {
		in.policy.n = 1;
		assert_int_equal(retention_make(&in, &p, &e), 0);
		assert_int_equal(p.nkept, 2);
		/* By where it ended, not by its clock. */
		assert_string_equal(p.verdict[3].why, "the newest that leads "
		    "onto timeline 1, which is still fed");
		retention_plan_free(&p);
		in.policy.n = 3;
		assert_int_equal(retention_make(&in, &p, &e), 0);
		assert_int_equal(p.nkept, 5);
		assert_false(p.verdict[0].keep);
		assert_string_equal(p.verdict[1].why, "one of the 3 newest "
		    "that lead onto timeline 2");
		assert_string_equal(p.verdict[3].why, "one of the 3 newest "
		    "that lead onto timeline 1, which is still fed");
		retention_plan_free(&p);
	}
	in.lines_guessed = 0;
	in.policy = (struct retention_policy){
	    .kind = RETENTION_WINDOW, .n = 5, .unit_days = 1 };
	assert_int_equal(retention_make(&in, &p, &e), 0);
	assert_string_equal(p.verdict[3].why, "begins the recovery window on "
	    "timeline 1, which is still fed");
	assert_string_equal(p.verdict[1].why, "begins the recovery window on "
	    "timeline 2");
	assert_false(p.verdict[0].keep);
	retention_plan_free(&p);
}

/* What the caller and pins say of four backups, and what comes of it. */
static void
test_marks(void **state)
{
	static const struct {
		const char	*policy;
		const char	*held[4], *pinned[4];
		int		 gone[4];
		const char	*why[4];	/* in [] it goes, in () alone */
		uint64_t	 floor;
	} cases[] = {
		{ "redundancy 1", { NULL }, { NULL }, { 0 },
		    { "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]",
		    "one of the 1 newest" }, 40 },
		/* Held: it stays with its line of WAL. */
		{ "redundancy 1", { "held" }, { NULL }, { 0 },
		    { "held", "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]",
		    "one of the 1 newest" }, 10 },
		/* Pinned: it stays alone, and pushes no other out. */
		{ "redundancy 1", { NULL }, { "pin" }, { 0 },
		    { "(pin)", "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]",
		    "one of the 1 newest" }, 40 },
		{ "redundancy 2", { NULL }, { NULL, NULL, NULL, "pin" },
		    { 0 }, { "[not needed for redundancy 2]",
		    "[not needed for redundancy 2]", "one of the 2 newest",
		    "one of the 2 newest; pin" }, 30 },
		{ "redundancy 1", { "held" }, { "pin" }, { 0 },
		    { "held; pin", "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]",
		    "one of the 1 newest" }, 10 },
		/* Gone: it goes, and another takes its place. */
		{ "redundancy 1", { NULL }, { NULL }, { 0, 0, 0, 1 },
		    { "[not needed for redundancy 1]",
		    "[not needed for redundancy 1]", "one of the 1 newest",
		    "[asked to go]" }, 30 },
		{ "", { "held", "held", "held" },
		    { NULL, NULL, NULL, "pin" }, { 0, 0, 0, 1 },
		    { "held", "held", "held", "[asked to go]" }, 10 },
		{ "redundancy 9", { NULL }, { NULL }, { 1, 1, 1, 1 },
		    { "[asked to go]", "[asked to go]", "[asked to go]",
		    "[asked to go]" }, 0 },
		{ "", { NULL }, { "pin" }, { 0 }, { "no retention policy; pin",
		    "no retention policy", "no retention policy",
		    "no retention policy" }, 10 }
	};
	struct retention_backup	 v[4];
	const struct retention_verdict *got;
	struct timelines	 t;
	struct retention_plan	 p;
	char			 why[RETENTION_WHY + 2];
	size_t			 i;
	int			 k;

	(void)state;
	timelines_init(&t);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (k = 0; k < 4; k++) {
			v[k] = backup("x", 40 - 10 * k,
			    10 + 10 * (uint64_t)k, 1);
			v[k].held = cases[i].held[k];
			v[k].pinned = cases[i].pinned[k];
			v[k].gone = cases[i].gone[k];
		}
		plan(&p, v, 4, &t, cases[i].policy);
		for (k = 0; k < 4; k++) {
			got = &p.verdict[k];
			(void)snprintf(why, sizeof(why), !got->keep ? "[%s]" :
			    got->alone ? "(%s)" : "%s", got->why);
			if (strcmp(why, cases[i].why[k]) != 0)
				fail_msg("case %zu, backup %d: %s", i, k,
				    why);
		}
		assert_int_equal(retention_wal_floor(&p.wal, 1),
		    cases[i].floor);
		retention_plan_free(&p);
	}
}

/* The edges of a window, of "now" and of the slack: "at" is a moment. */
static void
test_moments(void **state)
{
	static const struct {
		int64_t		 at;
		const char	*why;
	} cases[] = {
		{ NOW - 7 * DAY - 1, "begins the recovery window" },
		{ NOW - 7 * DAY, "begins the recovery window" },
		{ NOW - 7 * DAY + 1, "within the recovery window" },
		{ NOW, "within the recovery window" },
		{ NOW + DAY, "within the recovery window" },
		{ NOW + DAY + 1, "dated in the future: a clock is wrong" }
	};
	struct retention_backup	 b = backup("a", 0, 10, 1);
	struct timelines	 t;
	struct retention_plan	 p;
	size_t			 i;

	(void)state;
	timelines_init(&t);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b.at.stop_us = cases[i].at;
		plan(&p, &b, 1, &t, "recovery window of 1 week");
		assert_true(p.verdict[0].keep);
		assert_string_equal(p.verdict[0].why, cases[i].why);
		retention_plan_free(&p);
	}
}

/* Periods beside a redundancy, pins and branches. */
static void
test_periods(void **state)
{
	const struct retention_backup	 now[] = {
		/* 1972-09-27 is a Wednesday. */
		backup("a", 300, 10, 1), backup("b", 290, 20, 1),
		backup("c", 40, 30, 1), backup("d", 9, 40, 1),
		backup("e", 8, 50, 1), backup("f", 2, 60, 1),
		backup("g", 0, 70, 1), backup("h", 1, 65, 2) };
	struct retention_input		 in = { .v = now, .n = 7,
	    .segsize = TIMELINES_SEG, .now_us = NOW, .slack_us = DAY };
	static const char *const	 why[] = {
		"not needed for redundancy 1, 2 daily, 3 weekly, 2 yearly",
		"yearly 1971, to its end only; pinned",
		"weekly 1972-W33, to its end only",
		"not needed for redundancy 1, 2 daily, 3 weekly, 2 yearly",
		"weekly 1972-W38, to its end only",
		"daily 1972-09-25, to its end only",
		"one of the 1 newest; daily 1972-09-27, weekly 1972-W39, "
		"yearly 1972"
	};
	struct retention_backup		 v[8];
	struct timelines		 t;
	struct retention_plan		 p;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	memcpy(v, now, sizeof(v));
	v[1].pinned = "pinned";
	in.v = v;
	timelines_init(&t);
	in.lines = t.lines;
	in.policy = (struct retention_policy){ .kind = RETENTION_REDUNDANCY,
	    .n = 1, .keep = { 2, 3, 0, 2 } };
	assert_int_equal(retention_make(&in, &p, &e), 0);
	for (i = 0; i < in.n; i++) {
		if (strcmp(p.verdict[i].why, why[i]) != 0)
			fail_msg("%s: %s", v[i].at.id, p.verdict[i].why);
		assert_int_equal(p.verdict[i].alone, strstr(why[i],
		    "to its end only") != NULL);
		assert_int_equal(retention_wal_island(&p.wal, 1,
		    v[i].at.start_lsn / TIMELINES_SEG),
		    p.verdict[i].alone);
	}
	assert_int_equal(retention_wal_floor(&p.wal, 1), 70);
	retention_plan_free(&p);

	/* "h" is on the line of a cluster that was set back to before "f". */
	(void)timelines_fork(&t, 1, 55 * TIMELINES_SEG);
	in.lines = t.lines;
	in.n = 8;
	assert_int_equal(retention_make(&in, &p, &e), 0);
	/* Both lines have their newest day and week. */
	assert_string_equal(p.verdict[7].why, "the newest that leads onto "
	    "timeline 2; daily 1972-09-26, weekly 1972-W39, yearly 1972");
	assert_string_equal(p.verdict[4].why, "daily 1972-09-19, weekly "
	    "1972-W38, to its end only");
	assert_false(p.verdict[5].keep);
	retention_plan_free(&p);

	/* Without a policy nothing goes, whatever the periods. */
	in.policy.kind = RETENTION_ALL;
	assert_int_equal(retention_make(&in, &p, &e), 0);
	assert_string_equal(p.verdict[6].why, "no retention policy");
	assert_int_equal(p.nkept, 8);
	retention_plan_free(&p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_branch),
		cmocka_unit_test(test_fed),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
