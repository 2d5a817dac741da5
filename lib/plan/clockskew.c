/* SPDX-License-Identifier: ISC */
/* Clocks that differ, and transfers that take their time. */
#include "plan/clockskew.h"

#define SECOND	UINT64_C(1000000)

static uint64_t
distance(int64_t a, int64_t b)
{
	return (a > b ? (uint64_t)a - (uint64_t)b :
	    (uint64_t)b - (uint64_t)a);
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : 0);
}

uint64_t
clockskew_server(const struct clockskew *s)
{
	return (s->asked ? distance(s->here_us, s->server_us) / SECOND : 0);
}

uint64_t
clockskew_repository(const struct clockskew *s)
{
	uint64_t	 apart;

	if (!s->stored)
		return (0);
	apart = less(distance(s->sent_us, s->stored_us), SECOND);
	if (s->stored_us > s->sent_us)
		apart = less(apart, s->bytes / CLOCKSKEW_RATE * SECOND);
	return (apart / SECOND);
}
