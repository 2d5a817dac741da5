/* SPDX-License-Identifier: ISC */
/* For how long WAL has not been received. */
#include "plan/receiving.h"

#define SECOND	UINT64_C(1000000)	/* in microseconds */

/* Seconds since "us"; UINT64_MAX if that is not known or is to come. */
static uint64_t
since(const struct receiving *v, int64_t us)
{
	if (us == RECEIVING_NEVER || us > v->now_us)
		return (UINT64_MAX);
	return (((uint64_t)v->now_us - (uint64_t)us) / SECOND);
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return (a < b ? a : b);
}

int
receiving_seconds(const struct receiving *v, uint64_t *seconds)
{
	uint64_t	 s = UINT64_MAX;

	*seconds = 0;
	if (v->active) {
		*seconds = v->waits == 0 ? 0 : v->lag_us / SECOND;
		return (1);
	}
	if (v->inactive_us != RECEIVING_NEVER)
		s = since(v, v->inactive_us);
	else if (v->waits > 0)
		s = since(v, v->stored_us);
	else
		return (0);
	s = least(s, since(v, v->started_us));
	if (s == UINT64_MAX)
		return (0);
	*seconds = s;
	return (1);
}

enum health
receiving_judge(const struct receiving *v, const struct health_limits *l)
{
	enum health	 h = HEALTH_OK;
	uint64_t	 seconds;

	if (receiving_seconds(v, &seconds))
		h = health_judge(l, seconds);
	if (!v->active && since(v, v->started_us) >= RECEIVING_RETURN)
		h = health_worst(h, HEALTH_WARNING);
	return (h);
}
