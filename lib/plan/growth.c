/* SPDX-License-Identifier: ISC */
/* The room that is left, by what was stored and what expiry deletes. */
#include <string.h>

#include "plan/growth.h"
#include "plan/outlier.h"

#define DAY	INT64_C(86400000000)	/* in microseconds */

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

	return (rate >= (double)(UINT64_MAX / 4) ? UINT64_MAX / 4 :
	    (uint64_t)rate);
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
 * What stays of each day for the periods that are not filled yet, where a
 * backup stores "each"; and *fill, the days until the last of them is.
 */
static uint64_t
periods(const struct growth *g, uint64_t each, uint64_t between,
    uint64_t *fill)
{
	static const uint64_t	 length[RETENTION_PERIODS] = {
		[RETENTION_PERIOD_DAY] = DAY,
		[RETENTION_PERIOD_WEEK] = 7 * DAY,
		[RETENTION_PERIOD_MONTH] = 30 * DAY,
		[RETENTION_PERIOD_YEAR] = 365 * DAY
	};
	const uint64_t		 age = (uint64_t)(g->now_us - g->v[0].at_us);
	uint64_t		 span, rate = 0;
	size_t			 i;

	for (i = 0; i < RETENTION_PERIODS; i++) {
		span = g->policy.keep[i] * length[i];
		if (span <= age || span <= span_of(g, between))
			continue;
		rate += per_day(each, length[i] > between ? length[i] :
		    between);
		if ((span - age) / DAY + 1 > *fill)
			*fill = (span - age) / DAY + 1;
	}
	return (rate);
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
	size_t				 n = g->n;
	uint64_t			 between, fill, rate;

	*days = GROWTH_NEVER;
	if (n < GROWTH_LEAST || g->now_us - b[0].at_us < DAY)
		return (0);
	if (n > GROWTH_MOST) {
		b += n - GROWTH_MOST;
		n = GROWTH_MOST;
	}
	between = rhythm(b, n);
	fill = days_to_fill(g, between);
	if (fill == 0 && (rate = rise(b + 1, n - 1, between)) == 0)
		rate = periods(g, usual(b + 1, n - 1), between, &fill);
	else if (fill > 0)
		rate = per_day(usual(b + 1, n - 1), between) +
		    per_day(g->wal, (uint64_t)(g->now_us - g->v[0].at_us));
	if (rate > 0 && (fill == 0 || g->free / rate < fill))
		*days = g->free / rate;
	return (1);
}
