/* SPDX-License-Identifier: ISC */
/* Figures against thresholds, and what the result is called. */
#include "plan/health.h"

static int
reached(uint64_t limit, int low, uint64_t figure)
{
	if (limit == HEALTH_OFF)
		return (0);
	return (low ? figure <= limit : figure >= limit);
}

enum health
health_judge(const struct health_limits *l, uint64_t figure)
{
	if (reached(l->critical, l->low, figure))
		return (HEALTH_CRITICAL);
	if (reached(l->warn, l->low, figure))
		return (HEALTH_WARNING);
	return (HEALTH_OK);
}

enum health
health_worst(enum health a, enum health b)
{
	return (a > b ? a : b);
}

int
health_finding(enum health h)
{
	return (h >= HEALTH_WARNING);
}

const char *
health_name(enum health h)
{
	switch (h) {
	case HEALTH_UNKNOWN:
		break;
	case HEALTH_OK:
		return ("ok");
	case HEALTH_WARNING:
		return ("warning");
	case HEALTH_CRITICAL:
		return ("critical");
	}
	return ("unknown");
}

int
health_nagios(enum health h)
{
	switch (h) {
	case HEALTH_UNKNOWN:
		break;
	case HEALTH_OK:
		return (0);
	case HEALTH_WARNING:
		return (1);
	case HEALTH_CRITICAL:
		return (2);
	}
	return (3);
}
