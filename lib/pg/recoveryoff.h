/* SPDX-License-Identifier: ISC */
#ifndef PG_RECOVERYOFF_H
#define PG_RECOVERYOFF_H

#include <stddef.h>

/*
 * The settings that rule a recovery, and for each the value that PostgreSQL
 * takes for "none".  They have no effect on a primary, so nobody notices those
 * that an earlier recovery, or a time as a standby, has left in
 * postgresql.conf.  In a restored copy they would rule again: run commands,
 * wait for hours, or stop at a target of long ago.
 *
 * An empty string is not always "none": as a timeline it would be number 0.
 * A setting that a version does not know keeps it from starting, so versions
 * matter.
 */
struct recoveryoff {
	const char	*name;		/* in lower case */
	const char	*none;
	unsigned	 last;		/* the last major version that knows
					   it; 0: the newest does */
	int		 standby;	/* a standby needs its own */
};

/*
 * The "i"th setting that PostgreSQL "major" (13 or later) knows, counted from
 * 0; NULL behind the last one.
 */
const struct recoveryoff *recoveryoff_at(size_t i, unsigned major);

#endif /* PG_RECOVERYOFF_H */
