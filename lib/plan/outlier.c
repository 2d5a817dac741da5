/* SPDX-License-Identifier: ISC */
/* A size, compared with the median of those before it. */
#include <stdlib.h>
#include <string.h>

#include "plan/outlier.h"

static int
compare(const void *pa, const void *pb)
{
	uint64_t	 a, b;

	memcpy(&a, pa, sizeof(a));
	memcpy(&b, pb, sizeof(b));
	return (a < b ? -1 : a > b);
}

uint64_t
outlier_median(uint64_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return (v[(n - 1) / 2]);
}

/*
 * "part" in percent of "whole".  The usual product would overflow for large
 * parts; dividing first is exact enough where numbers are that large.
 */
static uint64_t
percent_of(uint64_t part, uint64_t whole)
{
	if (part <= UINT64_MAX / 100)
		return (part * 100 / whole);
	if (whole < 100)
		return (UINT64_MAX);
	return (part / (whole / 100));
}

int
outlier_percent(const uint64_t *before, size_t n, uint64_t size,
    uint64_t *percent)
{
	uint64_t	 v[OUTLIER_MOST], median;

	*percent = 0;
	if (n < OUTLIER_LEAST)
		return (0);
	if (n > OUTLIER_MOST)
		n = OUTLIER_MOST;
	memcpy(v, before, n * sizeof(v[0]));
	if ((median = outlier_median(v, n)) == 0)
		return (0);
	*percent = percent_of(size > median ? size - median : median - size,
	    median);
	return (1);
}
