/* SPDX-License-Identifier: ISC */
/* For how long an archiver has completed nothing, and what it lost. */
#include "plan/archiving.h"

#define SECOND	INT64_C(1000000)	/* in microseconds */

/* The later one of two times; "us" does not count if it is in the future. */
static int64_t
later(int64_t best, int64_t us, int64_t now_us)
{
	return (us <= now_us && us > best ? us : best);
}

/*
 * The difference is taken without a sign: from a time near INT64_MIN to now
 * there may be more than an int64_t holds.
 */
int
archiving_stalled(const struct archiving *a, uint64_t *seconds)
{
	int64_t	 since = ARCHIVING_NEVER;

	*seconds = 0;
	if (!a->ready_known)
		return (0);
	if (a->nready == 0)
		return (1);
	since = later(since, a->started_us, a->now_us);
	since = later(since, a->archived_us, a->now_us);
	since = later(since, a->oldest_us, a->now_us);
	if (since == ARCHIVING_NEVER)
		return (0);
	*seconds = ((uint64_t)a->now_us - (uint64_t)since) / SECOND;
	return (1);
}

/* A failure that a clock says is to come was seen, so it is recent. */
static int
failed_lately(const struct archiving *a)
{
	return (a->failed_us != ARCHIVING_NEVER &&
	    (a->failed_us > a->now_us || (uint64_t)a->now_us -
	    (uint64_t)a->failed_us <= ARCHIVING_RECENT * SECOND));
}

static uint64_t
longer(uint64_t limit, uint64_t seconds)
{
	return (limit > UINT64_MAX - 1 - seconds ? limit : limit + seconds);
}

static struct health_limits
patient(const struct archiving *a, struct health_limits l)
{
	uint64_t	 extra = 0;

	if (a->segsize > ARCHIVING_USUAL && !failed_lately(a))
		extra = (a->segsize - ARCHIVING_USUAL) >> 20;
	l.warn = longer(l.warn, extra);
	l.critical = longer(l.critical, extra);
	return (l);
}

enum health
archiving_judge(const struct archiving *a, const struct health_limits *stalled)
{
	const struct health_limits	 l = patient(a, *stalled);
	enum health			 h = HEALTH_UNKNOWN;
	uint64_t			 seconds;

	if (archiving_stalled(a, &seconds))
		h = health_judge(&l, seconds);
	if (a->failed_us != ARCHIVING_NEVER &&
	    !(a->ready_known && a->nready == 0))
		h = health_worst(h, HEALTH_WARNING);
	return (h);
}

/* No rate needs to be exact; a second is the least that is measured. */
uint64_t
archiving_minutes(uint64_t free, uint64_t waiting, uint64_t seconds)
{
	double	 minutes;

	if (waiting == 0)
		return (ARCHIVING_FOREVER);
	minutes = (double)free / (double)waiting *
	    (double)(seconds == 0 ? 1 : seconds) / 60;
	return (minutes >= (double)INT64_MAX ? INT64_MAX :
	    (uint64_t)minutes);
}

uint64_t
archiving_missing(const struct archiving_place *p)
{
	uint64_t	 end = p->current;

	if (p->waits && p->waiting < end)
		end = p->waiting;
	return (end > p->next ? end - p->next : 0);
}
