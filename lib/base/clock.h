/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Milliseconds of a clock that only goes forward, for deadlines. */
int64_t	 clock_mono_ms(void);

/* Microseconds since 1970-01-01 00:00:00 UTC. */
int64_t	 clock_now_us(void);

#define CLOCK_TEXT	40	/* room for any text made here */

/* 2026-11-22T04:00:01.123456Z; without the fraction where it is zero. */
const char *clock_format(char buf[CLOCK_TEXT], int64_t us);

/* 20261122T040001Z, the form of backup ids. */
const char *clock_format_id(char buf[CLOCK_TEXT], int64_t us);

/*
 * Read a point in time: a date, 'T' or a blank, hours and minutes, seconds
 * and a fraction where given, and a zone: "Z", "UTC", "GMT" or +hh, +hhmm,
 * +hh:mm (or minus).  A date alone means its first moment.  Without a zone
 * this host's zone is taken and *assumed is 1, so that the caller can say
 * so; *offset is the zone's distance from UTC in seconds, east positive.
 * ERR_USAGE for anything else, also for 30 February, and without a zone for
 * an hour that summer time skips or repeats.  "assumed" and
 * "offset" may be NULL.
 */
int	 clock_parse(const char *s, int64_t *us, int *assumed, long *offset,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* BASE_CLOCK_H */
