/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Milliseconds of a clock that only goes forward, for deadlines. */
int64_t	 clock_mono_ms(void);
int64_t	 clock_mono_us(void);	/* the same in microseconds */

/* The time of day: microseconds since 1970-01-01 00:00:00 UTC. */
int64_t	 clock_now_us(void);

/*
 * A pause of about "ms" milliseconds, at random a quarter shorter or longer,
 * so that many that failed at the same moment do not try again at the same
 * moment.
 */
int64_t	 clock_jitter(int64_t ms);

#define CLOCK_TEXT	40	/* room for any text made here */

/*
 * Write a time as 2026-11-22T04:00:01.123456Z, or without the fraction if it
 * is zero.  Returns "buf".
 */
const char *clock_format(char buf[CLOCK_TEXT], int64_t us);

/* The same in this host's zone, to seconds: 2026-11-22T05:00:01+0100. */
const char *clock_format_local(char buf[CLOCK_TEXT], int64_t us);

/* Write a time as 20261122T040001Z, as in backup ids.  Returns "buf". */
const char *clock_format_id(char buf[CLOCK_TEXT], int64_t us);

/*
 * Read a point in time as people type it:
 *
 *	2026-11-22				its first moment
 *	2026-11-22 18:43			or with 'T' for the blank
 *	2026-11-22 18:43:00.5+01		seconds, fraction, zone
 *
 * A zone is "Z", "UTC", "GMT", or a distance from UTC: +hh, +hhmm, +hh:mm,
 * or the same with '-'.  A fraction's digits behind the sixth are ignored.
 *
 * Without a zone this host's zone applies, and *assumed becomes 1 so that
 * the caller can report it.  *offset becomes the zone's distance from UTC in
 * seconds, positive to the east.  Both pointers may be NULL.
 *
 * ERR_USAGE for any other text, for a date that does not exist, such as 30
 * February, and, without a zone, for an hour that summer time skips or
 * repeats.
 */
int	 clock_parse(const char *s, int64_t *us, int *assumed, long *offset,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* BASE_CLOCK_H */
