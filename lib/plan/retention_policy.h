/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_POLICY_H
#define PLAN_RETENTION_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What a user wants to keep, in the words of Barman:
 *
 *	redundancy N				the N newest backups
 *	recovery window of N days		any point of the last N days;
 *	recovery window of N weeks		a week is 7 days
 *	recovery window of N months		a month is 31 days
 *	(empty)					everything
 *
 * N is 1 or more, and a window at most 100 years.  Case and the number of
 * blanks do not matter; "day", "week" and "month" are understood as well.
 */
enum retention_policy_kind {
	RETENTION_ALL,
	RETENTION_REDUNDANCY,
	RETENTION_WINDOW
};

struct retention_policy {
	enum retention_policy_kind kind;
	uint64_t	 n;
	uint64_t	 unit_days;	/* RETENTION_WINDOW: 1, 7 or 31 */
};

#define RETENTION_POLICY_TEXT	64

/* ERR_CONFIG for anything else. */
int	 retention_policy_parse(const char *, struct retention_policy *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The text in its plainest form, "recovery window of 2 weeks". */
const char *retention_policy_format(char buf[RETENTION_POLICY_TEXT],
	    const struct retention_policy *);

/* The window in microseconds; 0 for the other kinds. */
int64_t	 retention_policy_window(const struct retention_policy *);

#endif /* PLAN_RETENTION_POLICY_H */
