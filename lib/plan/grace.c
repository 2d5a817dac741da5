/* SPDX-License-Identifier: ISC */
/* Whether something has lain in the repository for long enough. */
#include "plan/grace.h"

#define SECOND	INT64_C(1000000)	/* in microseconds */

int64_t
grace_time(int64_t seconds)
{
	if (seconds <= 0 || seconds > GRACE_UNKNOWN / SECOND)
		return (GRACE_UNKNOWN);
	return (seconds * SECOND);
}

/*
 * Compared by a difference that cannot overflow: "us" is not negative, and
 * "now_us" is a time of day.
 */
int
grace_is_young(const struct grace *g, int64_t here_us)
{
	return (g->us > 0 && here_us > g->now_us - g->us);
}

int64_t
grace_end(const struct grace *g, int64_t here_us)
{
	return (here_us > GRACE_UNKNOWN - g->us ? GRACE_UNKNOWN :
	    here_us + g->us);
}
