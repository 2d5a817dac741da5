/* SPDX-License-Identifier: ISC */
/* Which backups must stay: the rules, one after the other. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan/retention.h"

#define NEWEST_ONTO	"the newest that leads onto"

struct planner {
	const struct retention_input *in;
	struct retention_plan	*plan;
	/* Newest first, without those that are gone or in the future. */
	const struct retention_backup **byage;
	const struct retention_backup **byline;	/* the same, by stop LSN */
	size_t			 n;
	int			 doubtful;	/* some are young, or not
						 * whole */
	uint32_t		 latest;	/* timeline */
	uint32_t		*tli;		/* room for each backup's */
	const struct retention_backup **on;	/* those of one line */
	struct retention_period_one *one;	/* room for each backup */
};

static void	 keep(struct planner *, const struct retention_backup *,
		    const char *, ...) __attribute__((format(printf, 3, 4)));

/* The first reason stands: callers try the rules in their order. */
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

/* Newest first; of equal times the one that lies further on, then by id. */
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

/* The order on one line: clocks may be wrong, WAL only goes on. */
static int
compare_line(const void *va, const void *vb)
{
	const struct lineage_backup	*a, *b;

	a = &(*(const struct retention_backup *const *)va)->at;
	b = &(*(const struct retention_backup *const *)vb)->at;
	if (a->stop_lsn != b->stop_lsn)
		return (a->stop_lsn > b->stop_lsn ? -1 : 1);
	return (compare_age(va, vb));
}

/*
 * Rule 5, with the end of it.  What is young because of a clock, or because
 * nothing says when it came, has no end that could be named.
 */
static void
keep_young(struct planner *p, const struct retention_backup *b)
{
	struct retention_verdict	*v = &p->plan->verdict[b - p->in->v];
	const struct grace		*g = &p->in->grace;
	const int64_t			 us = b->dir_us > b->here_us ?
	    b->dir_us : b->here_us;
	char				 when[CLOCK_TEXT];

	if (v->keep)
		return;
	v->young = 1;
	v->until_us = us > g->now_us ? GRACE_UNKNOWN : grace_end(g, us);
	if (us == GRACE_UNKNOWN)
		keep(p, b, "young, and counts for nothing: it is not known "
		    "since when it has been in the repository");
	else if (us > g->now_us)
		keep(p, b, "young, and counts for nothing: by its time it "
		    "came in the future, so a clock is or was wrong");
	else
		keep(p, b, "young, and counts for nothing before %s",
		    clock_format(when, v->until_us));
}

/*
 * Rules 1 to 5, and the rest in order.  A backup of the future still counts
 * for the latest timeline: that the timeline exists does not hang on a clock.
 */
static void
sort_out(struct planner *p)
{
	const struct retention_backup	*b;
	size_t				 i;

	for (i = 0; i < p->in->n; i++) {
		b = &p->in->v[i];
		if (b->gone)
			continue;
		p->plan->verdict[i].lacks = b->lacks;
		if (b->at.tli > p->latest)
			p->latest = b->at.tli;
		if (b->held != NULL)
			keep(p, b, "%s", b->held);
		if (p->in->policy.kind == RETENTION_ALL)
			keep(p, b, "no retention policy");
		if (retention_is_future(b, p->in))
			keep(p, b, "dated in the future: a clock is wrong");
		if (b->lacks != NULL)
			keep(p, b, "incomplete, and counts for nothing: %s",
			    b->lacks);
		if (retention_is_young(b, &p->in->grace))
			keep_young(p, b);
		if (!retention_counts(b, &p->in->grace))
			p->doubtful = 1;
		else if (!retention_is_future(b, p->in))
			p->byage[p->n++] = b;
	}
	if (p->in->latest != 0)
		p->latest = p->in->latest;
	qsort(p->byage, p->n, sizeof(p->byage[0]), compare_age);
	memcpy(p->byline, p->byage, p->n * sizeof(p->byline[0]));
	qsort(p->byline, p->n, sizeof(p->byline[0]), compare_line);
}

/* What to keep of the backups that lead to a timeline. */
struct claim {
	uint64_t	 n;		/* so many, the newest */
	int64_t		 us;		/* of those that ended by then */
	const char	*why;		/* NULL: what stands for a period */
};

/* Rule 10 among the backups "v", newest first. */
static void
mark_periods(struct planner *p, const struct retention_backup **v, size_t n)
{
	enum retention_period	 kind;
	size_t			 i;

	for (kind = 0; kind < RETENTION_PERIODS; kind++) {
		for (i = 0; i < n; i++)
			p->one[i] = (struct retention_period_one){
			    .stop_us = v[i]->at.stop_us,
			    .ended_us = retention_ended(v[i], &p->in->grace),
			    .which = (size_t)(v[i] - p->in->v) };
		i = retention_period_pick(kind, p->in->policy.keep[kind],
		    p->one, n);
		while (i-- > 0)
			p->plan->verdict[p->one[i].which].period[kind] = 1;
	}
}

/* If "own", those count that were taken on the timeline itself. */
static void
keep_onto(struct planner *p, uint32_t tli, int own, const struct claim *c,
    const char *end)
{
	const struct history		*past = lineage_find(&p->in->lines,
	    tli);
	const struct retention_backup	*b;
	size_t				 i, n = 0;

	for (i = 0; i < p->n && n < c->n; i++) {
		b = p->byline[i];
		if (retention_ended(b, &p->in->grace) <= c->us &&
		    (own ? b->at.tli == tli : lineage_leads(past,
		    b->at.tli, b->at.stop_lsn, tli)))
			p->on[n++] = b;
	}
	if (c->why == NULL)
		mark_periods(p, p->on, n);
	else
		for (i = 0; i < n; i++)
			keep(p, p->on[i], "%s timeline %" PRIu32 "%s", c->why,
			    tli, end);
}

/*
 * The same for each line: the latest timeline, those that are fed, and those
 * that are young.
 */
static void
keep_lines(struct planner *p, const struct claim *c)
{
	const char	*end;
	uint32_t	 tli;
	size_t		 i;

	for (i = 0; i <= p->in->nfed; i++) {
		tli = i == 0 ? p->latest : p->in->fed[i - 1];
		end = i == 0 ? "" : ", which is still fed";
		keep_onto(p, tli, 0, c, end);
		if (p->in->lines_guessed)
			keep_onto(p, tli, 1, c, end);
	}
	for (i = 0; i < p->in->nyoung; i++)
		keep_onto(p, p->in->young[i], 0, c, ", which is young");
}

static int
compare_timelines(const void *va, const void *vb)
{
	const uint32_t	*a = va, *b = vb;

	return (*a < *b ? -1 : *a > *b);
}

/*
 * The same for the timelines of all backups that ended or came within the
 * window, each once.  Those that count for nothing else count here, since this
 * keeps more and lets nothing go.
 */
static void
keep_branches(struct planner *p, const struct claim *c)
{
	const struct retention_backup	*b;
	uint32_t			*tli = p->tli;
	size_t				 i, n = 0;

	for (b = p->in->v; b != p->in->v + p->in->n; b++)
		if (!b->gone && !retention_is_future(b, p->in) &&
		    retention_ended(b, &p->in->grace) > c->us)
			tli[n++] = b->at.tli;
	qsort(tli, n, sizeof(*tli), compare_timelines);
	for (i = 0; i < n; i++)
		if (i == 0 || tli[i] != tli[i - 1])
			keep_onto(p, tli[i], 0, c, "");
}

/*
 * Rule 7.  "byage" is sorted, so of those that neither ended nor came within
 * the window the first is the newest.
 *
 * The early points of the window can only be reached from a backup that ended
 * before them.  Such a backup must lead to the timeline that the user wants to
 * return to: the latest one, or any on which a backup was taken meanwhile.
 */
static void
apply_window(struct planner *p)
{
	const struct claim		 c = { 1, p->in->now_us -
	    retention_policy_window(&p->in->policy),
	    "begins the recovery window on" };
	const struct retention_backup	*b;
	size_t				 i;
	int				 any = 0;

	for (i = 0; i < p->n; i++) {
		b = p->byage[i];
		if (b->at.stop_us > c.us)
			keep(p, b, "within the recovery window");
		else if (retention_ended(b, &p->in->grace) > c.us)
			keep(p, b, "in the repository for less than the "
			    "recovery window");
		else if (any++ == 0)
			keep(p, b, "begins the recovery window");
	}
	keep_lines(p, &c);
	keep_branches(p, &c);
}

/* Rule 6. */
static void
apply_redundancy(struct planner *p)
{
	const uint64_t	 n = p->in->policy.n;
	struct claim	 c = { n, INT64_MAX, NEWEST_ONTO };
	char		 why[64];
	size_t		 i;

	for (i = 0; i < p->n && i < n; i++)
		keep(p, p->byage[i], "one of the %" PRIu64 " newest%s", n,
		    p->doubtful ? " that count" : "");
	if (n > 1) {
		(void)snprintf(why, sizeof(why), "one of the %" PRIu64
		    " newest that lead onto", n);
		c.why = why;
	}
	keep_lines(p, &c);
}

/* Rules 6 to 9. */
static void
apply_policy(struct planner *p)
{
	const struct claim	 one = { 1, INT64_MAX, NEWEST_ONTO };
	uint64_t		 min;
	size_t			 i;

	switch (p->in->policy.kind) {
	case RETENTION_ALL:
		break;
	case RETENTION_REDUNDANCY:
		apply_redundancy(p);
		break;
	case RETENTION_WINDOW:
		apply_window(p);
		break;
	}
	/* Rules 8 and 9 hold whatever the policy says. */
	keep_lines(p, &one);
	min = p->in->minimum_redundancy > 0 ? p->in->minimum_redundancy : 1;
	for (i = 0; i < p->n && i < min; i++)
		keep(p, p->byage[i], "minimum_redundancy %" PRIu64, min);
}

/*
 * Rule 10, when it is known what the rules before it keep.  On a line WAL says
 * which backup is the newest of a period, whatever the clocks said.
 */
static void
apply_periods(struct planner *p)
{
	const struct claim		 all = { UINT64_MAX, INT64_MAX, NULL };
	const struct retention_backup	*b;
	struct retention_verdict	*v;
	char				 text[RETENTION_PERIOD_TEXT];
	size_t				 i, n;

	if (p->in->policy.kind == RETENTION_ALL)
		return;
	mark_periods(p, p->byage, p->n);
	keep_lines(p, &all);
	for (i = 0; i < p->n; i++) {
		b = p->byage[i];
		v = &p->plan->verdict[b - p->in->v];
		(void)retention_period_format(text, v->period, b->at.stop_us);
		if (text[0] == '\0')
			continue;
		n = strlen(v->why);
		if (v->keep) {
			(void)snprintf(v->why + n, RETENTION_WHY - n, "; %s",
			    text);
			continue;
		}
		keep(p, b, "%s, to its end only", text);
		v->alone = 1;
	}
}

/*
 * Rule 11, after all others: only then is it known which backups nothing but
 * their pin keeps.
 */
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
			    RETENTION_WHY, "asked to go");
		else if (!p->plan->verdict[i].keep)
			(void)snprintf(p->plan->verdict[i].why,
			    RETENTION_WHY, "not needed for %s", policy);
}

int
retention_judge(const struct retention_input *in, struct retention_plan *plan,
    struct err *e)
{
	struct planner	 p = { .in = in, .plan = plan };
	int		 rc = -1;

	p.latest = lineage_latest(&in->lines, NULL, 0);
	p.byage = calloc(in->n + 1, sizeof(*p.byage));
	p.byline = calloc(in->n + 1, sizeof(*p.byline));
	p.tli = calloc(in->n + 1, sizeof(*p.tli));
	p.on = calloc(in->n + 1, sizeof(*p.on));
	p.one = calloc(in->n + 1, sizeof(*p.one));
	plan->verdict = calloc(in->n + 1, sizeof(*plan->verdict));
	if (p.byage == NULL || p.byline == NULL || p.tli == NULL ||
	    p.on == NULL || p.one == NULL || plan->verdict == NULL) {
		(void)err_sys(e, ERR_LOCAL, "plan retention");
		goto out;
	}
	/* In the order of the rules. */
	sort_out(&p);
	apply_policy(&p);
	apply_periods(&p);
	apply_pins(&p);
	explain_expired(&p);
	rc = 0;
out:
	free(p.byage);
	free(p.byline);
	free(p.tli);
	free(p.on);
	free(p.one);
	return (rc);
}
