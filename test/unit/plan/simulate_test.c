/* SPDX-License-Identifier: ISC */
/* Expiry on the coming days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/simulate.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define HOUR	INT64_C(3600000000)
#define DAY	(24 * HOUR)
#define NOW	(INT64_C(1795996800) * 1000000)	/* 2026-11-30, a Monday */
#define MANY	40

/* Backups, the oldest first, each so many hours ago. */
struct past {
	struct retention_backup	 v[MANY];
	struct retention_input	 in;
	int64_t			 until[MANY];
	int			 marked[MANY];
	char			 id[MANY][16];
};

static void
past(struct past *p, const int *hours, size_t n)
{
	struct retention_backup	*b;
	size_t			 i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < n; i++) {
		b = &p->v[i];
		(void)snprintf(p->id[i], sizeof(p->id[i]), "b%u",
		    (unsigned)i);
		b->at = (struct lineage_backup){ .id = p->id[i], .tli = 1,
		    .stop_us = NOW - hours[i] * HOUR,
		    .start_us = NOW - hours[i] * HOUR,
		    .start_lsn = (2 * i + 1) * TIMELINES_SEG,
		    .stop_lsn = (2 * i + 2) * TIMELINES_SEG };
		b->here_us = b->label_us = b->dir_us = b->at.stop_us;
		p->until[i] = INT64_MAX;
	}
	p->in = (struct retention_input){ .v = p->v, .n = n,
	    .segsize = TIMELINES_SEG, .now_us = NOW, .slack_us = DAY,
	    .grace = { NOW, 0 }, .policy = { .kind = RETENTION_REDUNDANCY,
	    .n = 1 } };
}

static void
daily(struct past *p, size_t n)
{
	int	 hours[MANY] = { 0 };
	size_t	 i;

	for (i = 0; i < n; i++)
		hours[i] = (int)(24 * (n - 1 - i)) + 4;
	past(p, hours, n);
}

/* What each day was like, and all of the last one. */
struct seen {
	size_t		 days, kept[500], expired[500];
	int64_t		 from[500];
	char		 last[4096];
	char		 changes[8192];
};

static int
see(void *arg, const struct simulate_day *d, struct err *e)
{
	struct seen	*s = arg;
	size_t		 i, n = 0, c = strlen(s->changes);

	(void)e;
	assert_int_equal(d->day, s->days);
	assert_true(d->us == NOW + (int64_t)d->day * DAY);
	s->kept[s->days] = d->nkept;
	s->expired[s->days] = d->n - d->nkept;
	s->from[s->days++] = d->from_us;
	s->last[0] = '\0';
	for (i = 0; i < d->n; i++) {
		if (d->verdict[i].keep && n < sizeof(s->last))
			n += (size_t)snprintf(s->last + n, sizeof(s->last) -
			    n, "%s%s: %s\n", d->v[i].at.id, d->assumed[i] ?
			    "?" : "", d->verdict[i].why);
		if (d->changed[i] && c < sizeof(s->changes))
			c += (size_t)snprintf(s->changes + c,
			    sizeof(s->changes) - c, "%zu %s%s\n",
			    (size_t)d->day, d->verdict[i].keep ? "" : "-",
			    d->v[i].at.id);
	}
	return (0);
}

static void
run(const struct past *p, uint64_t days, struct seen *s)
{
	const struct simulate_input	 in = { &p->in, p->until, p->marked,
					    days };
	struct err			 e = ERR_INIT;

	memset(s, 0, sizeof(*s));
	assert_int_equal(simulate_run(&in, see, s, &e), 0);
	assert_int_equal(s->days, days + 1);
}

static void
test_rate(void **state)
{
	static const struct {
		int		 hours[12];	/* 0 ends */
		int64_t		 every;		/* hours */
		size_t		 gaps;
	} cases[] = {
		{ { 0 }, 0, 0 },
		{ { 9 }, 0, 0 },
		{ { 33, 9 }, 24, 1 },
		/* One was missed, one was made by hand. */
		{ { 124, 100, 52, 28, 27, 4 }, 24, 5 },
		/* Every week. */
		{ { 600, 432, 264, 96 }, 168, 3 },
		/* How it was long ago does not count. */
		{ { 2000, 1800, 90, 80, 70, 60, 50, 40, 30, 20, 10 }, 10, 9 },
		/* An hour is the least. */
		{ { 4, 4, 4, 4 }, 1, 3 }
	};
	struct simulate_rate	 r;
	struct past		 p;
	struct err		 e = ERR_INIT;
	size_t			 i, n;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		for (n = 0; cases[i].hours[n] != 0; n++)
			;
		past(&p, cases[i].hours, n);
		assert_int_equal(simulate_rate(&p.in, &r, &e), 0);
		assert_int_equal(r.every_us, cases[i].every * HOUR);
		assert_int_equal(r.gaps, cases[i].gaps);
	}
	/* Seconds more or less; what is not whole, or of the future. */
	daily(&p, 5);
	p.v[4].at.stop_us += 7000000;
	p.v[3].at.stop_us -= 9000000;
	p.v[2].lacks = "all";
	assert_int_equal(simulate_rate(&p.in, &r, &e), 0);
	assert_int_equal(r.every_us, 24 * HOUR);
	assert_int_equal(r.gaps, 3);
	p.v[1].at.stop_us += 900 * DAY;
	assert_int_equal(simulate_rate(&p.in, &r, &e), 0);
	assert_int_equal(r.gaps, 2);
}

static void
test_days(void **state)
{
	struct past	 p;
	struct seen	 s;

	(void)state;
	daily(&p, 3);
	p.in.policy.n = 2;
	run(&p, 3, &s);
	assert_string_equal(s.changes,
	    "0 -b0\n0 b1\n0 b2\n"
	    "1 -b1\n1 20261130T200000Z\n"
	    "2 -b2\n2 20261201T200000Z\n"
	    "3 -20261130T200000Z\n3 20261202T200000Z\n");
	assert_string_equal(s.last,
	    "20261201T200000Z?: one of the 2 newest\n"
	    "20261202T200000Z?: one of the 2 newest\n");
	assert_int_equal(s.kept[0], 2);
	assert_int_equal(s.expired[0], 1);
	assert_true(s.from[0] == NOW - 28 * HOUR);
	assert_true(s.from[3] == NOW + DAY + 20 * HOUR);

	/* Without a rate there are no more. */
	daily(&p, 1);
	run(&p, 400, &s);
	assert_string_equal(s.last, "b0: one of the 1 newest\n");
	daily(&p, 0);
	run(&p, 400, &s);
	assert_string_equal(s.last, "");
	assert_true(s.from[400] == INT64_MAX);
}

static size_t
count(const char *text, const char *what)
{
	size_t	 n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return (n);
}

/* A year and more of days, weeks and months, as the words promise. */
static void
test_periods(void **state)
{
	struct past	 p;
	struct seen	 s;
	size_t		 i;

	(void)state;
	daily(&p, 10);
	p.in.policy.n = 3;
	p.in.policy.keep[RETENTION_PERIOD_DAY] = 7;
	p.in.policy.keep[RETENTION_PERIOD_WEEK] = 5;
	p.in.policy.keep[RETENTION_PERIOD_MONTH] = 12;
	p.in.policy.keep[RETENTION_PERIOD_YEAR] = 2;
	run(&p, 400, &s);
	assert_int_equal(count(s.last, "daily "), 7);
	assert_int_equal(count(s.last, "weekly "), 5);
	assert_int_equal(count(s.last, "monthly "), 12);
	assert_int_equal(count(s.last, "yearly "), 2);
	assert_int_equal(count(s.last, "one of the 3 newest"), 3);
	/* 2028-01-04 is a Tuesday. */
	assert_int_equal(count(s.last, "20280103T200000Z?: one of the 3 newest"
	    "; daily 2028-01-03, weekly 2028-W01, monthly 2028-01, yearly "
	    "2028\n"), 1);
	assert_int_equal(count(s.last, "20271231T200000Z?: daily 2027-12-31, "
	    "monthly 2027-12, yearly 2027, to its end only\n"), 1);
	assert_int_equal(count(s.last, "20270228T200000Z?: monthly 2027-02, "
	    "to its end only\n"), 1);
	/* The points are those of the redundancy. */
	assert_true(s.from[400] == NOW + 397 * DAY + 20 * HOUR);
	for (i = 10; i <= 400; i++)
		assert_in_range(s.kept[i], 8, 23);
}

/* Pins end, claims and marks make backups young. */
static void
test_changes(void **state)
{
	struct past	 p;
	struct seen	 s;

	(void)state;
	daily(&p, 3);
	p.v[0].pinned = "pinned";
	p.until[0] = NOW + 2 * DAY;
	run(&p, 1, &s);
	assert_string_equal(s.last, "b0: pinned\n"
	    "20261130T200000Z?: one of the 1 newest\n");
	run(&p, 2, &s);
	assert_string_equal(s.last,
	    "20261201T200000Z?: one of the 1 newest\n");

	/* Each is young for the grace after the next has claimed it. */
	daily(&p, 2);
	p.in.grace.us = 36 * HOUR;
	run(&p, 3, &s);
	assert_string_equal(s.last,
	    "b1: one of the 1 newest that count\n"
	    "20261130T200000Z?: young, and counts for nothing before "
	    "2026-12-03T08:00:00Z\n"
	    "20261201T200000Z?: young, and counts for nothing before "
	    "2026-12-04T08:00:00Z\n"
	    "20261202T200000Z?: young, and counts for nothing before "
	    "2026-12-04T08:00:00Z\n");

	/* A mark, made when the WAL behind a backup goes. */
	daily(&p, 5);
	p.in.grace.us = 36 * HOUR;
	p.in.policy.keep[RETENTION_PERIOD_YEAR] = 2;
	p.v[0].at.stop_us = p.v[0].here_us -= 400 * DAY;
	p.v[0].dir_us = p.v[0].here_us;
	run(&p, 0, &s);
	assert_int_equal(count(s.last, "b0: yearly 2025, to its end only"),
	    1);
	run(&p, 1, &s);
	assert_int_equal(count(s.last, "b0: young, and counts for nothing "
	    "before 2026-12-01T12:00:00Z"), 1);
	run(&p, 2, &s);
	assert_int_equal(count(s.last, "b0: yearly 2025, to its end only"),
	    1);
	p.marked[0] = 1;
	run(&p, 1, &s);
	assert_int_equal(count(s.last, "b0: yearly 2025, to its end only"),
	    1);
}

static int
enough(void *arg, const struct simulate_day *d, struct err *e)
{
	++*(int *)arg;
	return (d->day < 2 ? 0 : err_set(e, ERR_LOCAL, "enough"));
}

static void
test_failure(void **state)
{
	struct past		 p;
	struct simulate_input	 in = { &p.in, p.until, p.marked, 9 };
	struct err		 e = ERR_INIT;
	int			 n = 0;

	(void)state;
	daily(&p, 2);
	assert_int_equal(simulate_run(&in, enough, &n, &e), -1);
	assert_string_equal(e.msg, "enough");
	assert_int_equal(n, 3);
}

static int
nothing(void *arg, const struct simulate_day *d, struct err *e)
{
	(void)arg;
	(void)d;
	(void)e;
	return (0);
}

/* Ten years of a backup every hour take seconds. */
static void
test_long(void **state)
{
	static const int	 hours[] = { 3, 2, 1 };
	struct past		 p;
	struct simulate_input	 in = { &p.in, p.until, p.marked,
				    SIMULATE_DAYS };
	struct err		 e = ERR_INIT;

	(void)state;
	past(&p, hours, 3);
	p.in.policy = (struct retention_policy){ .kind = RETENTION_WINDOW,
	    .n = 7, .unit_days = 1, .keep = { 31, 52, 60, 10 } };
	assert_int_equal(simulate_run(&in, nothing, NULL, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_long)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
