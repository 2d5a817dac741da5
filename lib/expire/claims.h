/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_CLAIMS_H
#define EXPIRE_CLAIMS_H

#include <stdint.h>

#include "expire/expire_state.h"

/*
 * For expiry: look for claims in all of x->dir, after their labels were
 * withdrawn.  Marks the directories that a push may refer to ("claimed"), and
 * reads their labels into x->held, since the push may refer to all that these
 * refer to; what can be no label by its listing is not read.  Also marks
 * directories that have got a label by now ("labelled").  With "dry" the labels
 * still have their names.
 *
 * ERR_CORRUPT or ERR_CONFLICT if such a label cannot be read: then it is not
 * known what the push needs, and nothing may be deleted.
 */
int	 claims_look(struct expire *x, struct archive *, int dry,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether a claim keeps pack "no" of backup "id", or a label does that no
 * inventory lists (expire.h).
 */
int	 claims_hold(const struct expire *, const char *id, uint32_t no)
	    __attribute__((nonnull));

#endif /* EXPIRE_CLAIMS_H */
