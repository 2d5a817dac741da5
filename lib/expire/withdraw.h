/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_WITHDRAW_H
#define EXPIRE_WITHDRAW_H

#include <stdint.h>

#include "expire/expire_state.h"

/*
 * For expiry: withdraw the labels of all directories that are marked expired,
 * by renaming them; from then on they are no backups any more.  Before that,
 * put back pins that lie aside and remove pins that are over.  *withdrawn is
 * raised by 1 for each label; with "dry" nothing else happens.  ERR_CONFLICT
 * if one of the backups was pinned, or released, meanwhile; one that is pinned
 * has its label back then.
 */
int	 withdraw_labels(struct expire *, struct archive *, int dry,
	    uint64_t *withdrawn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_WITHDRAW_H */
