/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_LATELABELS_H
#define EXPIRE_LATELABELS_H

#include "expire/expire_state.h"

/*
 * For expiry: add labels to x->held that came since the catalogue was read,
 * also those that were withdrawn again.  Call it after claims_look().
 *
 * A push that had a claim may have been completed meanwhile, and another
 * expiry, which knows its label, may have removed the claim.  That label is
 * then all that says which packs are needed, and this run has not read it.
 *
 * ERR_CORRUPT if such a label cannot be read: what it needs is not known, and
 * nothing may be deleted.
 */
int	 latelabels_hold(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_LATELABELS_H */
