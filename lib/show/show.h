/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOW_H
#define SHOW_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/jval.h"
#include "catalogue/pin.h"
#include "pg/walname.h"
#include "plan/coverage.h"

/* What listings for people and for programs have in common. */

/* A segment's name.  Returns "buf", as the next one does. */
const char *show_segment(char buf[WALNAME_TEXT], uint32_t tli,
	    uint64_t segno, uint32_t segsize);

/* A point in time: seconds are enough for people. */
const char *show_moment(char buf[CLOCK_TEXT], int64_t us);

/* Gaps in WAL: one line each, or the member "gaps" of an object. */
void	 show_gaps(const struct coverage_run *, size_t n, uint32_t segsize);
int	 show_json_gaps(struct jval *to, const struct coverage_run *,
	    size_t n, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

/*
 * Whether a backup is pinned, in words, with what is to be said of a pin
 * that is over or cannot be read; "" if there is none.  And the members
 * "pinned", "pinned_until" and "pin_refused" of an object.
 */
#define SHOW_PIN	512

const char *show_pin(char buf[SHOW_PIN], const struct pin *);
int	 show_json_pin(struct jval *to, const struct pin *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOW_H */
