/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_TAG_H
#define CRYPT_TAG_H

#include "crypt/hash.h"
#include "crypt/head.h"
#include "crypt/key.h"

/*
 * Begin one under the key K that follows from a push key's signer
 * (lib/FORMAT.md, 4): of lists that this host keeps for itself.  ERR_CONFIG
 * for a key of another role.
 */
int	 tag_new_keyed(struct hash **, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin the content tag of the object at that place, as headers of that
 * version (1 or 2) hold it: both are computed with the functions of hash.h.  Of
 * version 2 it costs a quarter of a hash.  ERR_CONFIG as above, ERR_LOCAL if
 * the place is too long.
 */
int	 tag_new(struct hash **, unsigned version,
	    const struct head_place *, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_TAG_H */
