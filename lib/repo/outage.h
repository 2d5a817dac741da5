/* SPDX-License-Identifier: ISC */
#ifndef REPO_OUTAGE_H
#define REPO_OUTAGE_H

#include <stdint.h>

#include "store/store.h"

/*
 * Waiting for a repository that cannot be reached.  The caller sets all
 * members but the last, which begins as 0.
 */
struct outage {
	const struct store_conf *store;	/* borrowed */
	uint64_t	 for_ms;	/* the longest wait for one outage */
	/* Called once for each wait, before it begins; may be NULL. */
	void	(*note)(void *arg, const char *text);
	void	*arg;
	unsigned	 in_vain;	/* failures although it was reachable;
					 * a caller that got on sets it to 0 */
};

/*
 * To be called after an attempt failed, as "why" says.  If the repository
 * cannot be reached, this waits until it can.  Returns 1 if another attempt
 * may help, and 0 if not:
 *
 *   - the failure is not ERR_REMOTE, or for_ms is 0;
 *   - for_ms passed;
 *   - it is the second failure in a row with the repository reachable all the
 *     time.  Its disk is full, for example.
 */
int	 outage_over(struct outage *, const struct err *why)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_OUTAGE_H */
