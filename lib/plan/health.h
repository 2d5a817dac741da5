/* SPDX-License-Identifier: ISC */
#ifndef PLAN_HEALTH_H
#define PLAN_HEALTH_H

#include <stdint.h>

/*
 * Whether a figure is a finding.  Pure: no files, no clock.
 *
 * The order is that of severity.  What is not known comes below what is well:
 * so a host without SQL, on which half of the checks are unknown, is well if
 * the others are, and it is unknown only if all of them are.
 */
enum health {
	HEALTH_UNKNOWN,
	HEALTH_OK,
	HEALTH_WARNING,
	HEALTH_CRITICAL
};

/* A threshold that no figure reaches. */
#define HEALTH_OFF	UINT64_MAX

struct health_limits {
	uint64_t	 warn;		/* or HEALTH_OFF */
	uint64_t	 critical;	/* or HEALTH_OFF */
	int		 low;		/* small figures are the bad ones */
};

/*
 * Compare with the critical threshold first, then with the other one.  A
 * threshold is reached by a figure that is equal to it.
 */
enum health health_judge(const struct health_limits *, uint64_t figure)
	    __attribute__((nonnull));

/* The more severe of the two. */
enum health health_worst(enum health, enum health);

/* Whether it is a finding: a warning, or critical. */
int	 health_finding(enum health);

/* "unknown", "ok", "warning" or "critical". */
const char *health_name(enum health);

/* The exit status of a Nagios plugin: 0 ok, 1 warning, 2 critical, 3 not. */
int	 health_nagios(enum health);

#endif /* PLAN_HEALTH_H */
