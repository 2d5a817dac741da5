/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_POLICY_H
#define PLAN_RETENTION_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/retention_period.h"

/*
 * What a user wants to keep, in the words that Barman uses:
 *
 *	redundancy N			keep the N newest backups
 *	recovery window of N days	keep what leads to any point of the
 *	recovery window of N weeks	last N days; a week is 7 days,
 *	recovery window of N months	a month is 31 days
 *	(empty)				keep everything
 *
 * N is a decimal number from 1 on: at most a million backups, and a window of
 * at most 36525 days.  Case and the number of blanks and tabs do not matter;
 * "day", "week" and "month" are understood as well.  Pure: no files.
 *
 * Beside that, "keep" says for how many days, weeks, months and years the
 * newest backup of each is kept (retention_period.h).
 */
enum retention_policy_kind {
	RETENTION_ALL,
	RETENTION_REDUNDANCY,
	RETENTION_WINDOW
};

struct retention_policy {
	enum retention_policy_kind kind;
	uint64_t	 n;		/* 0 for RETENTION_ALL */
	uint64_t	 unit_days;	/* 1, 7 or 31 for RETENTION_WINDOW */
	/* So many periods of each kind; of no meaning for RETENTION_ALL. */
	uint64_t	 keep[RETENTION_PERIODS];
};

#define RETENTION_POLICY_TEXT	192

/*
 * Read the text of a policy, which says nothing of periods: "keep" becomes 0.
 * ERR_CONFIG for anything but the above; "out" is set on success only.
 */
int	 retention_policy_parse(const char *text, struct retention_policy *out,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The policy's text in its plainest form, "recovery window of 2 weeks, 12
 * monthly"; "keep everything" for the empty one.  Returns "buf".
 */
const char *retention_policy_format(char buf[RETENTION_POLICY_TEXT],
	    const struct retention_policy *);

/* The length of a recovery window in microseconds; 0 for other kinds. */
int64_t	 retention_policy_window(const struct retention_policy *);

#endif /* PLAN_RETENTION_POLICY_H */
