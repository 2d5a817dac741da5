/* SPDX-License-Identifier: ISC */
#ifndef REPO_OUTAGE_H
#define REPO_OUTAGE_H

#include <stdint.h>

#include "store/store.h"

/*
 * A repository that cannot be reached is waited for.  Fill in all but the
 * last.
 */
struct outage {
	const struct store_conf *store;
	uint64_t	 for_ms;	/* no longer than this, each time */
	void	(*note)(void *arg, const char *text);	/* may be NULL */
	void	*arg;
	unsigned	 in_vain;	/* failures although it was reachable */
};

/*
 * Something failed, as "why" says.  Returns 1 once the repository can be
 * reached again and another attempt may help; 0 if not: for_ms is over (or
 * 0), the failure is none of the way to the repository, or it came again
 * although the repository was there all the time (its disk is full, say).
 */
int	 outage_over(struct outage *, const struct err *why)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_OUTAGE_H */
