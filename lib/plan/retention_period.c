/* SPDX-License-Identifier: ISC */
/* The calendar of retention, and the backups that stand for its periods. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/retention_period.h"

#define DAY_US		INT64_C(86400000000)
#define ERA_DAYS	146097		/* 400 years */
#define EPOCH_DAYS	719468		/* from 0000-03-01 to 1970-01-01 */

/* A date, counted as the calendar does. */
struct date {
	int64_t	 year;
	int	 month;			/* from 1 on */
};

/* Rounded down, also below 0. */
static int64_t
divide(int64_t a, int64_t b)
{
	return (a / b - (a % b < 0));
}

/*
 * The date of a day since 1970.  Years are taken to begin in March, so that
 * the day that only some have is their last.
 */
static struct date
date_of(int64_t day)
{
	const int64_t	 z = day + EPOCH_DAYS;
	const int64_t	 era = divide(z, ERA_DAYS);
	const int64_t	 in_era = z - era * ERA_DAYS;
	const int64_t	 year = (in_era - in_era / 1460 + in_era / 36524 -
	    in_era / 146096) / 365;
	const int64_t	 in_year = in_era - (365 * year + year / 4 -
	    year / 100);
	const int64_t	 march = (5 * in_year + 2) / 153;

	return ((struct date){ era * 400 + year + (march >= 10),
	    (int)(march < 10 ? march + 3 : march - 9) });
}

/* The number of the week; week 0 has the first day of 1970, a Thursday. */
static int64_t
week_of(int64_t us)
{
	return (divide(divide(us, DAY_US) + 3, 7));
}

/* Periods of a kind in their order, as numbers. */
static int64_t
number(enum retention_period kind, int64_t us)
{
	const struct date	 d = date_of(divide(us, DAY_US));

	switch (kind) {
	case RETENTION_PERIOD_DAY:
		return (divide(us, DAY_US));
	case RETENTION_PERIOD_WEEK:
		return (week_of(us));
	case RETENTION_PERIOD_MONTH:
		return (d.year * 12 + d.month - 1);
	case RETENTION_PERIOD_YEAR:
		return (d.year);
	}
	return (0);
}

/* The latest period first; in one of them, by label, the newest first. */
static int
compare(const void *va, const void *vb)
{
	const struct retention_period_one	*a = va, *b = vb;

	if (a->ended != b->ended)
		return (a->ended > b->ended ? -1 : 1);
	if (a->stop != b->stop)
		return (a->stop > b->stop ? -1 : 1);
	return (a->order < b->order ? -1 : a->order > b->order);
}

size_t
retention_period_pick(enum retention_period kind, uint64_t most,
    struct retention_period_one *v, size_t n)
{
	struct retention_period_one	 last = { 0 };
	uint64_t			 periods = 0;
	size_t				 i, kept = 0;
	int				 fresh;

	for (i = 0; i < n; i++) {
		v[i].stop = number(kind, v[i].stop_us);
		v[i].ended = number(kind, v[i].ended_us);
		v[i].order = i;
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), compare);
	for (i = 0; i < n; i++) {
		fresh = i == 0 || v[i].ended != last.ended;
		if (fresh && periods++ == most)
			break;
		if (fresh || v[i].stop != last.stop)
			v[kept++] = last = v[i];
	}
	return (kept);
}

const char *
retention_period_name(enum retention_period kind)
{
	switch (kind) {
	case RETENTION_PERIOD_DAY:
		return ("daily");
	case RETENTION_PERIOD_WEEK:
		return ("weekly");
	case RETENTION_PERIOD_MONTH:
		return ("monthly");
	case RETENTION_PERIOD_YEAR:
		return ("yearly");
	}
	return ("");
}

/* The day of the month is what is left of the first day of the month on. */
static int
day_of_month(int64_t day)
{
	const int	 month = date_of(day).month;
	int		 n = 1;

	while (date_of(day - n).month == month)
		n++;
	return (n);
}

/* A week belongs to the year of its Thursday, and has its number by that. */
static void
format_week(char *buf, size_t size, int64_t us)
{
	const int64_t	 thursday = week_of(us) * 7;
	const int64_t	 year = date_of(thursday).year;
	int		 n = 1;

	while (date_of(thursday - n * 7).year == year)
		n++;
	(void)snprintf(buf, size, "%04" PRId64 "-W%02d", year, n);
}

static void
format_one(char *buf, size_t size, enum retention_period kind, int64_t us)
{
	const int64_t		 day = divide(us, DAY_US);
	const struct date	 d = date_of(day);

	switch (kind) {
	case RETENTION_PERIOD_DAY:
		(void)snprintf(buf, size, "%04" PRId64 "-%02d-%02d", d.year,
		    d.month, day_of_month(day));
		break;
	case RETENTION_PERIOD_WEEK:
		format_week(buf, size, us);
		break;
	case RETENTION_PERIOD_MONTH:
		(void)snprintf(buf, size, "%04" PRId64 "-%02d", d.year,
		    d.month);
		break;
	case RETENTION_PERIOD_YEAR:
		(void)snprintf(buf, size, "%04" PRId64, d.year);
		break;
	}
}

const char *
retention_period_format(char buf[RETENTION_PERIOD_TEXT],
    const int kept[RETENTION_PERIODS], int64_t us)
{
	enum retention_period	 kind;
	char			 one[32];
	size_t			 n = 0;

	buf[0] = '\0';
	for (kind = 0; kind < RETENTION_PERIODS; kind++) {
		if (!kept[kind])
			continue;
		format_one(one, sizeof(one), kind, us);
		n += (size_t)snprintf(buf + n, RETENTION_PERIOD_TEXT - n,
		    "%s%s %s", n == 0 ? "" : ", ",
		    retention_period_name(kind), one);
		if (n >= RETENTION_PERIOD_TEXT)
			break;
	}
	return (buf);
}
