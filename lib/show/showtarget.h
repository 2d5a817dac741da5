/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWTARGET_H
#define SHOW_SHOWTARGET_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "verify/verify.h"

/*
 * Findings of backup-verify about a point in time that somebody wants to
 * recover to, in words.  The finding borrows from the struct around it, so
 * that must not be copied.
 */
struct showtarget {
	struct verify_finding	 finding;
	char			 object[CLOCK_TEXT + 16];
	char			 found[256];
};

/* No backup and no archived WAL leads there, as "why" says; it is borrowed. */
void	 showtarget_unreachable(struct showtarget *, int64_t target_us,
	    const struct err *why) __attribute__((nonnull));

/*
 * WAL is there up to the LSN "end", but the last transaction in it ended at
 * "ended_us" (INT64_MIN: none was found), which is not after the target.
 */
void	 showtarget_unproved(struct showtarget *, int64_t target_us,
	    int64_t ended_us, uint64_t end) __attribute__((nonnull));

#endif /* SHOW_SHOWTARGET_H */
