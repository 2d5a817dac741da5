/* SPDX-License-Identifier: ISC */
/* Expiry on each of the coming days, with backups that are made up. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan/simulate.h"

#define MINUTE	INT64_C(60000000)	/* in microseconds */
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

/* What is known of a backup beside what retention asks for. */
struct more {
	char		 id[CLOCK_TEXT];	/* if it is made up */
	int64_t		 pinned_until;
	uint64_t	 said;			/* why, the day before */
	int		 marked;
};

/* The backups of a day, in arrays with room for all that may come. */
struct simulation {
	struct retention_input	 in;
	struct retention_backup	*v;
	struct more		*more;
	int			*assumed, *changed;
	size_t			 n, room;
	struct simulate_rate	 rate;
	int64_t			 next_us;	/* the next one ends */
	struct lineage_backup	 last;		/* the newest so far */
	uint64_t		 lsn;		/* behind all */
	uint32_t		 latest;	/* timeline */
};

/* Whether it shows how often backups come. */
static int
shows(const struct retention_input *in, const struct retention_backup *b)
{
	return (!b->gone && b->lacks == NULL && !retention_is_future(b, in));
}

static int
compare_times(const void *va, const void *vb)
{
	const int64_t	*a = va, *b = vb;

	return (*a > *b ? -1 : *a < *b);
}

/* Clocks and the time that a backup takes are never the same twice. */
static int64_t
rounded(int64_t us)
{
	const int64_t	 unit = us < 12 * HOUR ? MINUTE : HOUR;

	us = (us + unit / 2) / unit * unit;
	return (us < HOUR ? HOUR : us);
}

int
simulate_rate(const struct retention_input *in, struct simulate_rate *r,
    struct err *e)
{
	int64_t	*t;
	size_t	 i, n = 0;

	*r = (struct simulate_rate){ 0, 0 };
	if ((t = calloc(in->n + 1, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "simulate expiry"));
	for (i = 0; i < in->n; i++)
		if (shows(in, &in->v[i]))
			t[n++] = in->v[i].at.stop_us;
	qsort(t, n, sizeof(*t), compare_times);
	if (n > 1) {
		n = n - 1 < SIMULATE_GAPS ? n - 1 : SIMULATE_GAPS;
		for (i = 0; i < n; i++)
			t[i] -= t[i + 1];
		qsort(t, n, sizeof(*t), compare_times);
		*r = (struct simulate_rate){ rounded(t[n / 2]), n };
	}
	free(t);
	return (0);
}

static void
simulation_fini(struct simulation *s)
{
	free(s->v);
	free(s->more);
	free(s->assumed);
	free(s->changed);
}

/* The newest backup, the end of all WAL, and the latest timeline. */
static void
look(struct simulation *s, const struct retention_input *in)
{
	const struct retention_backup	*b;

	s->latest = lineage_latest(&in->lines, NULL, 0);
	for (b = in->v; b != in->v + in->n; b++) {
		if (b->at.stop_lsn > s->lsn)
			s->lsn = b->at.stop_lsn;
		if (!b->gone && b->at.tli > s->latest)
			s->latest = b->at.tli;
		if (shows(in, b) && b->at.stop_us > s->last.stop_us)
			s->last = b->at;
	}
	if (in->latest != 0)
		s->latest = in->latest;
}

static int
simulation_init(struct simulation *s, const struct simulate_input *in,
    struct err *e)
{
	const struct retention_input	*now = in->now;
	size_t				 i;

	if (simulate_rate(now, &s->rate, e))
		return (-1);
	s->room = now->n + 1;
	if (s->rate.every_us > 0)
		s->room += (size_t)((int64_t)in->days * DAY /
		    s->rate.every_us) + 1;
	s->v = calloc(s->room, sizeof(*s->v));
	s->more = calloc(s->room, sizeof(*s->more));
	s->assumed = calloc(s->room, sizeof(*s->assumed));
	s->changed = calloc(s->room, sizeof(*s->changed));
	if (s->v == NULL || s->more == NULL || s->assumed == NULL ||
	    s->changed == NULL)
		return (err_sys(e, ERR_LOCAL, "simulate expiry"));
	look(s, now);
	s->in = *now;
	s->in.v = s->v;
	for (i = 0; i < now->n; i++) {
		s->v[i] = now->v[i];
		s->more[i].pinned_until = in->pinned_until[i];
		s->more[i].marked = in->marked[i];
	}
	s->n = now->n;
	s->next_us = s->last.stop_us + s->rate.every_us;
	if (s->rate.every_us > 0 && s->next_us <= now->now_us)
		s->next_us += ((now->now_us - s->next_us) /
		    s->rate.every_us + 1) * s->rate.every_us;
	return (0);
}

/*
 * A push claims the newest backup before it, which makes that one young again.
 * There is no more of it here than its times and its place on the line.
 */
static void
push(struct simulation *s, int64_t us)
{
	struct retention_backup	*b = &s->v[s->n], *c, *last = NULL;
	struct more		*m = &s->more[s->n];

	for (c = s->v; c != b; c++)
		if (shows(&s->in, c) && (last == NULL ||
		    c->at.stop_us > last->at.stop_us))
			last = c;
	if (last != NULL && last->dir_us < us)
		last->dir_us = us;
	*m = (struct more){ .pinned_until = INT64_MAX };
	(void)clock_format_id(m->id, us);
	*b = (struct retention_backup){ .at = { .id = m->id,
	    .start_us = us, .stop_us = us,
	    .start_lsn = s->lsn + s->in.segsize,
	    .stop_lsn = s->lsn + 2 * (uint64_t)s->in.segsize,
	    .tli = s->latest }, .here_us = us, .label_us = us, .dir_us = us };
	s->lsn = b->at.stop_lsn;
	s->assumed[s->n++] = 1;
}

/* Backups that came since, and pins that ended. */
static void
pass_time(struct simulation *s, int64_t us)
{
	size_t	 i;

	s->in.now_us = s->in.grace.now_us = us;
	for (; s->rate.every_us > 0 && s->next_us <= us;
	    s->next_us += s->rate.every_us)
		push(s, s->next_us);
	for (i = 0; i < s->n; i++)
		if (s->more[i].pinned_until <= us)
			s->v[i].pinned = NULL;
	s->in.n = s->n;
}

/* A text as a number: FNV-1a. */
static uint64_t
number(const char *text)
{
	uint64_t	 h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (h);
}

/*
 * What differs from the day before; and the marks that expiry makes, which are
 * changes of their backups.
 */
static void
look_at_day(struct simulation *s, struct simulate_day *d)
{
	const struct retention_backup	*b;
	const struct retention_verdict	*v;
	uint64_t			 said;
	size_t				 i;

	d->from_us = INT64_MAX;
	for (i = 0; i < s->n; i++) {
		b = &s->v[i];
		v = &d->verdict[i];
		said = number(v->why);
		s->changed[i] = said != s->more[i].said || !v->keep;
		s->more[i].said = said;
		if (v->keep && !v->alone && v->lacks == NULL &&
		    !retention_is_future(b, &s->in) &&
		    b->at.stop_us < d->from_us && lineage_reaches(&s->in.lines,
		    b->at.tli, b->at.stop_lsn, s->latest))
			d->from_us = b->at.stop_us;
		if (v->alone && b->pinned == NULL && !s->more[i].marked) {
			s->more[i].marked = 1;
			s->v[i].dir_us = d->us;
		}
	}
}

/*
 * Those that go are taken out, and the others keep their order.  The ids of
 * those that are made up move along.
 */
static void
expire(struct simulation *s, const struct retention_verdict *verdict)
{
	size_t	 i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (!verdict[i].keep)
			continue;
		s->v[n] = s->v[i];
		s->more[n] = s->more[i];
		s->assumed[n] = s->assumed[i];
		if (s->assumed[n])
			s->v[n].at.id = s->more[n].id;
		n++;
	}
	s->n = n;
}

static int
one_day(struct simulation *s, uint64_t day, int64_t us, simulate_each *each,
    void *arg, struct err *e)
{
	struct retention_plan	 plan = { 0 };
	struct simulate_day	 d = { .day = day, .us = us, .v = s->v,
	    .assumed = s->assumed, .changed = s->changed };
	int			 rc = -1;

	pass_time(s, us);
	if (retention_judge(&s->in, &plan, e))
		goto out;
	d.verdict = plan.verdict;
	d.n = s->n;
	d.nkept = plan.nkept;
	look_at_day(s, &d);
	if (each(arg, &d, e))
		goto out;
	expire(s, plan.verdict);
	rc = 0;
out:
	retention_plan_free(&plan);
	return (rc);
}

int
simulate_run(const struct simulate_input *in, simulate_each *each, void *arg,
    struct err *e)
{
	struct simulation	 s = { .n = 0 };
	uint64_t		 day;
	int			 rc;

	rc = simulation_init(&s, in, e);
	for (day = 0; rc == 0 && day <= in->days; day++)
		rc = one_day(&s, day, in->now->now_us + (int64_t)day * DAY,
		    each, arg, e);
	simulation_fini(&s);
	return (rc);
}
