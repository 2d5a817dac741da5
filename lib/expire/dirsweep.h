/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_DIRSWEEP_H
#define EXPIRE_DIRSWEEP_H

#include "expire/expire_state.h"
#include "expire/sweep.h"

/*
 * For expiry: sweep all of x->dir, whose labels are withdrawn.  Packs go that
 * no kept backup and no claim needs, and so do manifests and claims; then the
 * withdrawn label, if nothing else is left; then the directory, if it is
 * empty.  Fails as claims_look() and latelabels_hold() do, before anything is
 * removed.
 */
int	 dirsweep_run(struct expire *x, struct archive *, struct sweep *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_DIRSWEEP_H */
