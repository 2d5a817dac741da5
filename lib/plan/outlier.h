/* SPDX-License-Identifier: ISC */
#ifndef PLAN_OUTLIER_H
#define PLAN_OUTLIER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Whether a size is out of the ordinary, compared with those before it.  Pure:
 * no files, no clock.
 *
 * It is compared with their median, which one odd size among them does not
 * move.  Of an even number the smaller one of the two in the middle is taken.
 */
#define OUTLIER_LEAST	3	/* with fewer before it nothing is ordinary */
#define OUTLIER_MOST	7	/* only so many are looked at */

/*
 * By how many percent of the median "size" is larger or smaller than it,
 * rounded down, into *percent.  "before" has the sizes before it, the newest
 * first, of which the first OUTLIER_MOST count.  Returns 1, or 0 if there are
 * fewer than OUTLIER_LEAST or their median is 0, with *percent 0.
 */
int	 outlier_percent(const uint64_t *before, size_t n, uint64_t size,
	    uint64_t *percent) __attribute__((warn_unused_result, nonnull));

/* The median of at least one, the lower of two; "v" is sorted. */
uint64_t outlier_median(uint64_t *v, size_t n) __attribute__((nonnull));

#endif /* PLAN_OUTLIER_H */
