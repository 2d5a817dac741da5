/* SPDX-License-Identifier: ISC */
#ifndef PLAN_NOTICE_H
#define PLAN_NOTICE_H

#include <stddef.h>
#include <stdint.h>

#include "plan/health.h"

/*
 * Whether somebody is to be told of what checks found.  Pure: no files, no
 * clock.
 *
 * What counts is what changed since somebody was told last.  A check that is
 * unknown now counts as it did when it was known: when a repository does not
 * answer, what was wrong in it is not well again.
 */
#define NOTICE_CHECKS	64		/* at most */
#define NOTICE_NEVER	INT64_MIN

enum notice {
	NOTICE_NONE,		/* nothing new */
	NOTICE_WORSE,		/* a check has become a finding, or worse */
	NOTICE_AGAIN,		/* as before, and it is time to repeat it */
	NOTICE_WELL		/* there is no finding any more */
};

struct notice_memory {
	enum health	 check[NOTICE_CHECKS];	/* as they were told */
	int64_t		 told_us;	/* when; or NOTICE_NEVER */
};

/*
 * Decide, by the statuses of "n" checks at "now_us".  Findings are repeated
 * after "again_us"; 0: never.  A time that is to come is a clock that was set
 * back, so that it is repeated.
 */
enum notice notice_decide(const struct notice_memory *,
	    const enum health *now, size_t n, int64_t now_us,
	    int64_t again_us) __attribute__((nonnull));

/* To be called when somebody was told, or nothing is wrong. */
void	 notice_told(struct notice_memory *, const enum health *now, size_t n,
	    int64_t now_us) __attribute__((nonnull));

/*
 * To be called if nobody was told: a check that is well now is told anew when
 * it breaks again.
 */
void	 notice_better(struct notice_memory *, const enum health *now,
	    size_t n) __attribute__((nonnull));

/* "none", "worse", "again" or "well". */
const char *notice_name(enum notice);

#endif /* PLAN_NOTICE_H */
