/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_CLAIMS_H
#define EXPIRE_CLAIMS_H

#include <stdint.h>

#include "expire/expire_state.h"

/*
 * For expiry: look for claims in all of x->dir, once their labels are
 * withdrawn, and read the labels of those that are claimed: a push may refer
 * to all that they refer to.  Marks directories that have got a label
 * meanwhile, too.  ERR_CORRUPT, ERR_CONFLICT if such a label cannot be read,
 * so that what the push may need is not known.
 */
int	 claims_look(struct expire *x, struct archive *, int dry,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether a claim holds pack "no" of backup "id". */
int	 claims_hold(const struct expire *, const char *id, uint32_t no)
	    __attribute__((nonnull));

#endif /* EXPIRE_CLAIMS_H */
