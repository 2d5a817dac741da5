/* SPDX-License-Identifier: ISC */
/* Which backups, which WAL and which packs must stay. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan/retention.h"

struct planner {
	const struct retention_input *in;
	struct retention_plan	*plan;
	const struct retention_backup **byage;	/* newest first */
	size_t			 n;		/* without future ones */
	uint32_t		 latest;	/* timeline */
};

static void	 keep(struct planner *, const struct retention_backup *,
		    const char *, ...) __attribute__((format(printf, 3, 4)));

/* The first reason stands. */
static void
keep(struct planner *p, const struct retention_backup *b, const char *fmt,
    ...)
{
	struct retention_verdict	*v;
	va_list				 ap;

	v = &p->plan->verdict[b - p->in->v];
	if (v->keep)
		return;
	v->keep = 1;
	p->plan->nkept++;
	va_start(ap, fmt);
	(void)vsnprintf(v->why, sizeof(v->why), fmt, ap);
	va_end(ap);
}

/* Newest first; equal times by what is further on, then by id. */
static int
compare_age(const void *va, const void *vb)
{
	const struct lineage_backup	*a, *b;

	a = &(*(const struct retention_backup *const *)va)->at;
	b = &(*(const struct retention_backup *const *)vb)->at;
	if (a->stop_us != b->stop_us)
		return (a->stop_us > b->stop_us ? -1 : 1);
	if (a->tli != b->tli)
		return (a->tli > b->tli ? -1 : 1);
	if (a->stop_lsn != b->stop_lsn)
		return (a->stop_lsn > b->stop_lsn ? -1 : 1);
	return (strcmp(b->id, a->id));
}

/* What is held and wrong clocks; what is left is put in order. */
static void
sort_out(struct planner *p)
{
	const struct retention_backup	*b;
	size_t				 i;

	for (i = 0; i < p->in->n; i++) {
		b = &p->in->v[i];
		if (b->gone)
			continue;
		if (b->at.tli > p->latest)
			p->latest = b->at.tli;
		if (b->held != NULL)
			keep(p, b, "%s", b->held);
		if (p->in->policy.kind == RETENTION_ALL)
			keep(p, b, "no retention policy");
		if (b->at.stop_us > p->in->now_us + p->in->slack_us)
			keep(p, b, "dated in the future: a clock is wrong");
		else
			p->byage[p->n++] = b;
	}
	qsort(p->byage, p->n, sizeof(p->byage[0]), compare_age);
}

static int
leads_to(const struct planner *p, const struct retention_backup *b,
    uint32_t tli)
{
	return (lineage_reaches(&p->in->lines, b->at.tli, b->at.stop_lsn, tli));
}

/* The newest that ended at "us" or before and leads onto the timeline. */
static const struct retention_backup *
newest_onto(const struct planner *p, uint32_t tli, int64_t us)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		if (p->byage[i]->at.stop_us <= us &&
		    leads_to(p, p->byage[i], tli))
			return (p->byage[i]);
	return (NULL);
}

static void
keep_onto(struct planner *p, uint32_t tli, int64_t us, const char *why)
{
	const struct retention_backup	*b;

	if ((b = newest_onto(p, tli, us)) != NULL)
		keep(p, b, "%s timeline %" PRIu32, why, tli);
}

static void
apply_window(struct planner *p)
{
	static const char	 why[] = "begins the recovery window on";
	int64_t			 since;
	size_t			 i, inside;

	since = p->in->now_us - retention_policy_window(&p->in->policy);
	for (inside = 0; inside < p->n; inside++) {
		if (p->byage[inside]->at.stop_us <= since)
			break;
		keep(p, p->byage[inside], "within the recovery window");
	}
	if (inside < p->n)
		keep(p, p->byage[inside], "begins the recovery window");
	for (i = 0; i < inside; i++)
		keep_onto(p, p->byage[i]->at.tli, since, why);
	keep_onto(p, p->latest, since, why);
}

static void
apply_policy(struct planner *p)
{
	uint64_t	 n = p->in->policy.n, min;
	size_t		 i;

	switch (p->in->policy.kind) {
	case RETENTION_ALL:
		break;
	case RETENTION_REDUNDANCY:
		for (i = 0; i < p->n && i < n; i++)
			keep(p, p->byage[i], "one of the %" PRIu64
			    " newest", n);
		break;
	case RETENTION_WINDOW:
		apply_window(p);
		break;
	}
	keep_onto(p, p->latest, INT64_MAX, "the newest that leads onto");
	min = p->in->minimum_redundancy > 0 ? p->in->minimum_redundancy : 1;
	for (i = 0; i < p->n && i < min; i++)
		keep(p, p->byage[i], "minimum_redundancy %" PRIu64, min);
}

/* After the policy, so that it is known what only a pin keeps. */
static void
apply_pins(struct planner *p)
{
	const struct retention_backup	*b;
	struct retention_verdict	*v;
	size_t				 i, n;

	for (i = 0; i < p->in->n; i++) {
		b = &p->in->v[i];
		v = &p->plan->verdict[i];
		if (b->pinned == NULL || b->gone)
			continue;
		n = strlen(v->why);
		if (v->keep) {
			(void)snprintf(v->why + n, RETENTION_WHY - n, "; %s",
			    b->pinned);
			continue;
		}
		keep(p, b, "%s", b->pinned);
		v->alone = 1;
		p->plan->nisland++;
	}
}

static void
explain_expired(struct planner *p)
{
	char		 policy[RETENTION_POLICY_TEXT];
	size_t		 i;

	(void)retention_policy_format(policy, &p->in->policy);
	for (i = 0; i < p->in->n; i++)
		if (p->in->v[i].gone)
			(void)snprintf(p->plan->verdict[i].why,
			    RETENTION_WHY, "as was asked for");
		else if (!p->plan->verdict[i].keep)
			(void)snprintf(p->plan->verdict[i].why,
			    RETENTION_WHY, "not needed for %s", policy);
}

/* Kept, and leads to later points. */
static int
holds_wal(const struct planner *p, size_t i)
{
	return (p->plan->verdict[i].keep && !p->plan->verdict[i].alone);
}

static uint64_t
first_segment(const struct planner *p, const struct retention_backup *b)
{
	return (b->at.start_lsn / p->in->segsize);
}

/* What kept backups need of a timeline. */
static uint64_t
floor_of_kept(const struct planner *p, uint32_t tli)
{
	uint64_t	 segno, min = UINT64_MAX;
	size_t		 i;

	for (i = 0; i < p->in->n; i++) {
		segno = first_segment(p, &p->in->v[i]);
		if (holds_wal(p, i) && leads_to(p, &p->in->v[i], tli) &&
		    segno < min)
			min = segno;
	}
	if (min < UINT64_MAX)
		return (min);
	return (tli > p->plan->newest_tli ? 0 : p->plan->lowest);
}

/* The next one behind "prev" on the line of a timeline, by where it ended. */
static const struct retention_backup *
next_on_line(const struct planner *p, uint32_t tli,
    const struct retention_backup *prev)
{
	const struct retention_backup	*b, *next = NULL;
	size_t				 i;

	for (i = 0; i < p->n; i++) {
		b = p->byage[i];
		if (leads_to(p, b, tli) &&
		    (prev == NULL || b->at.stop_lsn > prev->at.stop_lsn) &&
		    (next == NULL || b->at.stop_lsn < next->at.stop_lsn))
			next = b;
	}
	return (next);
}

/*
 * The last of those on the line that surely ended before "us".  Going by
 * where they ended, since the clock may have been set back: one that ended
 * behind another and says that it was earlier is not believed.
 */
static const struct retention_backup *
last_before(const struct planner *p, uint32_t tli, int64_t us)
{
	const struct retention_backup	*b, *prev = NULL;

	while ((b = next_on_line(p, tli, prev)) != NULL &&
	    b->at.stop_us <= us &&
	    (prev == NULL || b->at.stop_us >= prev->at.stop_us))
		prev = b;
	return (prev);
}

/* What those under way may need of it. */
static uint64_t
floor_of_running(const struct planner *p, uint32_t tli)
{
	const struct retention_backup	*b;
	uint64_t			 segno, min = UINT64_MAX;
	size_t				 i;

	for (i = 0; i < p->in->nrunning; i++) {
		b = last_before(p, tli, p->in->running_us[i]);
		segno = b == NULL ? 0 : first_segment(p, b);
		if (segno < min)
			min = segno;
	}
	return (min);
}

static void
find_floors(const struct planner *p)
{
	struct retention_plan	*plan = p->plan;
	struct retention_floor	*f;
	uint64_t		 segno;
	size_t			 i;

	plan->lowest = UINT64_MAX;
	for (i = 0; i < p->in->n; i++) {
		if (!holds_wal(p, i))
			continue;
		segno = first_segment(p, &p->in->v[i]);
		if (segno < plan->lowest)
			plan->lowest = segno;
		if (p->in->v[i].at.tli > plan->newest_tli)
			plan->newest_tli = p->in->v[i].at.tli;
	}
	if (plan->newest_tli == 0)
		plan->lowest = 0;	/* no backup: keep all WAL */
	for (f = plan->floor; f < plan->floor + plan->nfloor; f++) {
		f->segno = floor_of_kept(p, f->tli);
		segno = floor_of_running(p, f->tli);
		if (segno < f->segno)
			f->segno = segno;
	}
	for (f = plan->floor; f < plan->floor + plan->nfloor; f++)
		if (f->segno > 0 && f->segno < plan->lowest)
			plan->lowest = f->segno;
}

static int
compare_floor(const void *va, const void *vb)
{
	const struct retention_floor	*a = va, *b = vb;

	return (a->tli < b->tli ? -1 : a->tli > b->tli);
}

/* Every timeline that is known by name, once, in order. */
static void
list_timelines(const struct planner *p)
{
	struct retention_floor	*f = p->plan->floor;
	size_t			 i, n = 0, to = 0;

	f[n++].tli = 1;
	for (i = 0; i < p->in->n; i++)
		f[n++].tli = p->in->v[i].at.tli;
	for (i = 0; i < p->in->lines.n; i++)
		f[n++].tli = p->in->lines.v[i].tli;
	qsort(f, n, sizeof(*f), compare_floor);
	for (i = 1; i < n; i++)
		if (f[i].tli != f[to].tli)
			f[++to] = f[i];
	p->plan->nfloor = to + 1;
}

/* What those need that stand alone: from the start to the stop. */
static void
list_islands(const struct planner *p)
{
	const struct lineage_backup	*b;
	struct coverage_run		*r = p->plan->island;
	size_t				 i;

	for (i = 0; i < p->in->n; i++) {
		if (!p->plan->verdict[i].alone)
			continue;
		b = &p->in->v[i].at;
		*r++ = (struct coverage_run){ b->tli,
		    b->start_lsn / p->in->segsize,
		    (b->stop_lsn - (b->stop_lsn > 0)) / p->in->segsize };
	}
}

static int
plan_wal(const struct planner *p, struct err *e)
{
	struct retention_plan	*plan = p->plan;

	plan->running = p->in->nrunning > 0;
	plan->floor = calloc(p->in->n + p->in->lines.n + 1,
	    sizeof(*plan->floor));
	plan->island = calloc(plan->nisland + 1, sizeof(*plan->island));
	if (plan->floor == NULL || plan->island == NULL)
		return (err_sys(e, ERR_LOCAL, "plan retention"));
	list_timelines(p);
	find_floors(p);
	list_islands(p);
	return (0);
}

static int
plan_packs(const struct planner *p, struct err *e)
{
	const struct retention_backup	*b;
	size_t				 i;

	for (i = 0; i < p->in->n; i++) {
		b = &p->in->v[i];
		if (p->plan->verdict[i].keep &&
		    packruns_add(&p->plan->packs, b->ref, b->nref, e))
			return (-1);
	}
	return (0);
}

int
retention_make(const struct retention_input *in, struct retention_plan *out,
    struct err *e)
{
	struct retention_plan	 plan = { 0 };
	struct planner		 p = { .in = in, .plan = &plan };
	int			 rc = -1;

	p.latest = lineage_latest(&in->lines, NULL, 0);
	p.byage = calloc(in->n + 1, sizeof(*p.byage));
	plan.verdict = calloc(in->n + 1, sizeof(*plan.verdict));
	if (p.byage == NULL || plan.verdict == NULL) {
		(void)err_sys(e, ERR_LOCAL, "plan retention");
		goto out;
	}
	sort_out(&p);
	apply_policy(&p);
	apply_pins(&p);
	explain_expired(&p);
	if (plan_wal(&p, e) == -1 || plan_packs(&p, e) == -1)
		goto out;
	*out = plan;
	plan = (struct retention_plan){ 0 };
	rc = 0;
out:
	retention_plan_free(&plan);
	free(p.byage);
	return (rc);
}

void
retention_plan_free(struct retention_plan *plan)
{
	free(plan->verdict);
	free(plan->floor);
	free(plan->island);
	packruns_fini(&plan->packs);
	*plan = (struct retention_plan){ 0 };
}

uint64_t
retention_wal_floor(const struct retention_plan *plan, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < plan->nfloor; i++)
		if (plan->floor[i].tli == tli)
			return (plan->floor[i].segno);
	return (tli > plan->newest_tli || plan->running ? 0 : plan->lowest);
}

int
retention_wal_island(const struct retention_plan *plan, uint32_t tli,
    uint64_t segno)
{
	const struct coverage_run	*r;

	for (r = plan->island; r < plan->island + plan->nisland; r++)
		if (r->tli == tli && r->first <= segno && segno <= r->last)
			return (1);
	return (0);
}
