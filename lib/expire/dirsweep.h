/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_DIRSWEEP_H
#define EXPIRE_DIRSWEEP_H

#include "expire/expire_state.h"
#include "expire/sweep.h"

/*
 * For expiry: in all of x->dir, whose labels are withdrawn, let packs go that
 * no kept backup and no claim needs, then manifests, claims, the withdrawn
 * label where nothing else is left, and the directory once it is empty.
 */
int	 dirsweep_run(struct expire *x, struct archive *, struct sweep *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_DIRSWEEP_H */
