/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_WEIGH_H
#define EXPIRE_WEIGH_H

#include "expire/expire_state.h"

/*
 * For expiry: what the policy may count.  A backup counts that is whole
 * (catalogue/evidence.h) and not young, and a timeline that is not young
 * (plan/grace.h, plan/younglines.h).
 */

/*
 * Gather the evidence of all backups: sets x->evidence, and of x->backup
 * "lacks" and the times.  Fails as evidence_load() does.
 */
int	 weigh_backups(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the young timelines, after weigh_backups(): sets x->young.  ERR_LOCAL
 * if memory is short.
 */
int	 weigh_lines(struct expire *x, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The grace that the policy has.  Where somebody named what is to be deleted
 * the policy is not asked, and nothing is young.
 */
struct grace weigh_grace(const struct expire *x) __attribute__((nonnull));

/*
 * Hold all backups if it is in doubt which of them lead onto a timeline that
 * is young.
 */
void	 weigh_hold(struct expire *x) __attribute__((nonnull));

#endif /* EXPIRE_WEIGH_H */
