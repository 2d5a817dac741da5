/* SPDX-License-Identifier: ISC */
/* Reads the clocks, writes times, and parses the times that people type. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"

#define SECOND	INT64_C(1000000)

int64_t
clock_mono_us(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000);
}

int64_t
clock_mono_ms(void)
{
	return (clock_mono_us() / 1000);
}

int64_t
clock_now_us(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000);
}

/* Whole seconds, rounded down also before 1970, and the microseconds left. */
static struct tm
broken_down(int64_t us, int *fraction)
{
	struct tm	 tm;
	int64_t		 rest = us % SECOND;
	time_t		 t = (time_t)(us / SECOND);

	if (rest < 0) {
		rest += SECOND;
		t--;
	}
	*fraction = (int)rest;
	memset(&tm, 0, sizeof(tm));
	(void)gmtime_r(&t, &tm);
	return (tm);
}

int64_t
clock_jitter(int64_t ms)
{
	struct err	 unused = ERR_INIT;
	uint16_t	 r = 0;

	if (io_random(&r, sizeof(r), &unused) == -1)
		return (ms);
	return (ms - ms / 4 + ms / 2 * r / UINT16_MAX);
}

const char *
clock_format(char buf[CLOCK_TEXT], int64_t us)
{
	struct tm	 tm;
	size_t		 n;
	int		 fraction;

	tm = broken_down(us, &fraction);
	n = strftime(buf, CLOCK_TEXT - 8, "%Y-%m-%dT%H:%M:%S", &tm);
	if (fraction != 0)
		(void)snprintf(buf + n, CLOCK_TEXT - n, ".%06dZ", fraction);
	else
		(void)snprintf(buf + n, CLOCK_TEXT - n, "Z");
	return (buf);
}

const char *
clock_format_local(char buf[CLOCK_TEXT], int64_t us)
{
	struct tm	 tm;
	time_t		 t = (time_t)(us / SECOND) - (us % SECOND < 0);

	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&t, &tm);
	if (strftime(buf, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S%z", &tm) == 0)
		buf[0] = '\0';
	return (buf);
}

const char *
clock_format_id(char buf[CLOCK_TEXT], int64_t us)
{
	struct tm	 tm;
	int		 fraction;

	tm = broken_down(us, &fraction);
	(void)strftime(buf, CLOCK_TEXT, "%Y%m%dT%H%M%SZ", &tm);
	return (buf);
}

/* The value of exactly "n" digits at *s, or -1. */
static int
take_digits(const char **s, int n)
{
	int	 v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return (-1);
		v = v * 10 + (**s - '0');
	}
	return (v);
}

/* ".123" as microseconds; digits behind the sixth count nothing. */
static int
take_fraction(const char **s)
{
	int	 v = 0, scale = 100000;

	if (**s != '.')
		return (0);
	(*s)++;
	if (**s < '0' || **s > '9')
		return (-1);
	for (; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		v += (**s - '0') * scale;
	return (v);
}

/* 0 and a zone's offset, 1 if "s" is empty, or -1 if it is no zone. */
static int
take_zone(const char *s, long *offset)
{
	long	 sign;
	int	 h, m = 0;

	if (*s == '\0')
		return (1);
	*offset = 0;
	if (strcasecmp(s, "Z") == 0 || strcasecmp(s, "UTC") == 0 ||
	    strcasecmp(s, "GMT") == 0)
		return (0);
	if (*s != '+' && *s != '-')
		return (-1);
	sign = *s++ == '-' ? -1 : 1;
	if ((h = take_digits(&s, 2)) == -1 || h > 15)
		return (-1);
	if (*s == ':' && *++s == '\0')
		return (-1);
	if (*s != '\0' && ((m = take_digits(&s, 2)) == -1 || m > 59))
		return (-1);
	if (*s != '\0')
		return (-1);
	*offset = sign * (h * 3600L + m * 60L);
	return (0);
}

/* A date and maybe a time of day; *s ends up behind them. */
static int
take_civil(const char **s, struct tm *tm, int *fraction)
{
	memset(tm, 0, sizeof(*tm));
	*fraction = 0;
	if ((tm->tm_year = take_digits(s, 4)) < 0 || *(*s)++ != '-' ||
	    (tm->tm_mon = take_digits(s, 2) - 1) < 0 ||
	    *(*s)++ != '-' || (tm->tm_mday = take_digits(s, 2)) < 1)
		return (-1);
	tm->tm_year -= 1900;
	if (**s == '\0')
		return (0);
	if (**s != 'T' && **s != ' ')
		return (-1);
	(*s)++;
	if ((tm->tm_hour = take_digits(s, 2)) < 0 || *(*s)++ != ':' ||
	    (tm->tm_min = take_digits(s, 2)) < 0)
		return (-1);
	if (**s == ':') {
		(*s)++;
		if ((tm->tm_sec = take_digits(s, 2)) < 0 ||
		    (*fraction = take_fraction(s)) < 0)
			return (-1);
	}
	while (**s == ' ')
		(*s)++;
	return (tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60 ?
	    0 : -1);
}

static int
same_civil(const struct tm *a, const struct tm *b)
{
	return (a->tm_mday == b->tm_mday && a->tm_mon == b->tm_mon &&
	    a->tm_hour == b->tm_hour && a->tm_min == b->tm_min);
}

/*
 * Whether this host's clocks show the time twice, as they do when summer time
 * ends: mktime() then finds it both with and without summer time, an hour
 * apart.  At any other time one of the two guesses comes back changed.
 */
static int
is_twice(const struct tm *tm)
{
	struct tm	 winter = *tm, summer = *tm;
	time_t		 a, b;

	winter.tm_isdst = 0;
	summer.tm_isdst = 1;
	a = mktime(&winter);
	b = mktime(&summer);
	return (a != b && same_civil(&winter, tm) && same_civil(&summer, tm));
}

int
clock_parse(const char *s, int64_t *us, int *assumed, long *offset,
    struct err *e)
{
	const char	*p = s;
	struct tm	 tm, copy;
	long		 zone = 0;
	time_t		 t;
	int		 fraction, none;

	if (take_civil(&p, &tm, &fraction) == -1 ||
	    (none = take_zone(p, &zone)) == -1)
		return (err_set(e, ERR_USAGE, "\"%.64s\" is not a time; "
		    "expected something like 2026-11-22 18:43:00+01", s));
	/* mktime() is to find out whether summer time is in force. */
	copy = tm;
	copy.tm_isdst = -1;
	t = none ? mktime(&copy) : timegm(&copy);
	/*
	 * A date that does not exist comes back normalized, and so does an
	 * hour that summer time skips.
	 */
	if (!same_civil(&copy, &tm))
		return (err_set(e, ERR_USAGE, "%.64s: this time does not "
		    "exist", s));
	if (none && is_twice(&tm))
		return (err_set(e, ERR_USAGE, "%.64s: this time comes twice "
		    "when summer time ends; add a zone, like +01", s));
	if (none)
		zone = copy.tm_gmtoff;
	else
		t -= zone;
	*us = (int64_t)t * SECOND + fraction;
	if (assumed != NULL)
		*assumed = none;
	if (offset != NULL)
		*offset = zone;
	return (0);
}
