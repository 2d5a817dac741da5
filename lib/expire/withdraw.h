/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_WITHDRAW_H
#define EXPIRE_WITHDRAW_H

#include <stdint.h>

#include "expire/expire_state.h"

/*
 * For expiry: withdraw the label of each directory that is marked expired,
 * which makes it no backup any more; with "dry" only count them.  Before
 * that, pins that lie aside are put back, and those that are over removed.
 * *withdrawn is raised by each label.  ERR_CONFLICT if a pin came in the way;
 * no file of a backup is deleted then.
 */
int	 withdraw_labels(struct expire *, struct archive *, int dry,
	    uint64_t *withdrawn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_WITHDRAW_H */
