/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_OPENSWEEP_H
#define EXPIRE_OPENSWEEP_H

#include "expire/expire_state.h"
#include "expire/sweep.h"
#include "repo/archive.h"

/*
 * For expiry: remove open objects (lib/FORMAT.md, 14) whose segment stands
 * complete: its header is authentic and says all of it, as only that is what
 * the object holds.  They must be as old as what is abandoned, since the
 * receiver may still have a young one open.  Those below the floors went with
 * their segments (walsweep.h).  Does nothing while a timeline is deleted.
 */
int	 opensweep_run(const struct expire *, struct archive *,
	    struct sweep *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_OPENSWEEP_H */
