/* SPDX-License-Identifier: ISC */
/* The room that is left, by what was stored and what expiry deletes. */
#include <string.h>

#include "plan/growth.h"
#include "plan/outlier.h"

#define DAY	INT64_C(86400000000)	/* in microseconds */

/* A repository grows by so many bytes a day, for so many days. */
struct part {
	uint64_t	 rate, days;
};
#define PARTS		(1 + RETENTION_PERIODS)
#define RATE_MOST	(UINT64_MAX / (2 * PARTS))	/* so that sums fit */

/* What a median one of the "n" backups stored. */
static uint64_t
usual(const struct growth_backup *b, size_t n)
{
	uint64_t	 v[GROWTH_MOST] = { 0 };
	size_t		 i;

	for (i = 0; i < n; i++)
		v[i] = b[i].stored;
	return (outlier_median(v, n));
}

/* The median time between two backups; at least a second. */
static uint64_t
rhythm(const struct growth_backup *b, size_t n)
{
	uint64_t	 v[GROWTH_MOST] = { 0 }, m;
	size_t		 i;

	for (i = 1; i < n; i++)
		v[i - 1] = b[i].at_us > b[i - 1].at_us ?
		    (uint64_t)(b[i].at_us - b[i - 1].at_us) : 0;
	m = outlier_median(v, n - 1);
	return (m < 1000000 ? 1000000 : m);
}

/* "bytes" in "us", as bytes a day.  No rate needs to be exact. */
static uint64_t
per_day(uint64_t bytes, uint64_t us)
{
	double	 rate = (double)bytes * (double)DAY / (double)us;

	return (rate >= (double)RATE_MOST ? RATE_MOST : (uint64_t)rate);
}

/* The days until expiry deletes as much as is stored; GROWTH_NEVER. */
static uint64_t
days_to_fill(const struct growth *g, uint64_t between)
{
	const uint64_t	 age = (uint64_t)(g->now_us - g->v[0].at_us);
	uint64_t	 window;

	switch (g->policy.kind) {
	case RETENTION_ALL:
		break;
	case RETENTION_REDUNDANCY:
		return (g->n >= g->policy.n ? 0 : (g->policy.n - g->n) *
		    (between / 1000000) / 86400 + 1);
	case RETENTION_WINDOW:
		window = (uint64_t)retention_policy_window(&g->policy);
		return (age >= window ? 0 : (window - age) / DAY + 1);
	}
	return (GROWTH_NEVER);
}

/* For how long the policy keeps all backups, in microseconds. */
static uint64_t
span_of(const struct growth *g, uint64_t between)
{
	switch (g->policy.kind) {
	case RETENTION_ALL:
		break;
	case RETENTION_REDUNDANCY:
		return (g->policy.n > UINT64_MAX / between ? UINT64_MAX :
		    g->policy.n * between);
	case RETENTION_WINDOW:
		return ((uint64_t)retention_policy_window(&g->policy));
	}
	return (UINT64_MAX);
}

/*
 * What stays for the periods that are not filled yet, where a backup stores
 * "each": adds a part for each kind of period; returns how many.
 */
static size_t
add_periods(struct part *p, const struct growth *g, uint64_t each,
    uint64_t between)
{
	static const uint64_t	 length[RETENTION_PERIODS] = {
		[RETENTION_PERIOD_DAY] = DAY,
		[RETENTION_PERIOD_WEEK] = 7 * DAY,
		[RETENTION_PERIOD_MONTH] = 30 * DAY,
		[RETENTION_PERIOD_YEAR] = 365 * DAY
	};
	const uint64_t		 age = (uint64_t)(g->now_us - g->v[0].at_us);
	uint64_t		 span;
	size_t			 i, n = 0;

	for (i = 0; i < RETENTION_PERIODS; i++) {
		span = g->policy.keep[i] * length[i];
		if (span <= age || span <= span_of(g, between))
			continue;
		p[n].rate = per_day(each, length[i] > between ? length[i] :
		    between);
		p[n++].days = (span - age) / DAY + 1;
	}
	return (n);
}

/* The days until all of the parts have taken "room" bytes; GROWTH_NEVER. */
static uint64_t
days_until_full(const struct part *p, size_t n, uint64_t room)
{
	uint64_t	 now = 0, next, rate;
	size_t		 i;

	for (;; now = next) {
		rate = 0;
		next = GROWTH_NEVER;
		for (i = 0; i < n; i++)
			if (p[i].days > now) {
				rate += p[i].rate;
				next = p[i].days < next ? p[i].days : next;
			}
		if (rate > 0 && room / rate < next - now)
			return (now + room / rate);
		if (next == GROWTH_NEVER)
			return (GROWTH_NEVER);
		room -= rate * (next - now);
	}
}

/* By how much more a day the newer half of the backups stored. */
static uint64_t
rise(const struct growth_backup *b, size_t n, uint64_t between)
{
	const uint64_t	 then = usual(b, n / 2);
	const uint64_t	 now = usual(b + n / 2, n - n / 2);

	return (now > then ? per_day(now - then, between) : 0);
}

int
growth_days(const struct growth *g, uint64_t *days)
{
	const struct growth_backup	*b = g->v;
	size_t				 n = g->n, parts = 1;
	uint64_t			 between;
	struct part			 part[PARTS];

	*days = GROWTH_NEVER;
	if (n < GROWTH_LEAST || g->now_us - b[0].at_us < DAY)
		return (0);
	if (n > GROWTH_MOST) {
		b += n - GROWTH_MOST;
		n = GROWTH_MOST;
	}
	between = rhythm(b, n);
	part[0].days = days_to_fill(g, between);
	if (part[0].days > 0)
		part[0].rate = per_day(usual(b + 1, n - 1), between) +
		    per_day(g->wal, (uint64_t)(g->now_us - g->v[0].at_us));
	else {
		part[0].days = GROWTH_NEVER;
		part[0].rate = rise(b + 1, n - 1, between);
		parts += add_periods(part + 1, g, usual(b + 1, n - 1),
		    between);
	}
	*days = days_until_full(part, parts, g->free);
	return (1);
}
