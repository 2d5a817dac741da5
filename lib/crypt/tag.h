/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_TAG_H
#define CRYPT_TAG_H

#include "crypt/hash.h"
#include "crypt/head.h"
#include "crypt/key.h"

/*
 * Content tags (lib/FORMAT.md, 4): hashes that only the holder of a push
 * key's signer secret can make or check.  With them a push compares its own
 * file with a stored object that it cannot decrypt.
 */

/*
 * Begin the content tag of the object at a place, as headers of "version"
 * (1 or 2) hold it; hash_add() and hash_final() complete it.  A tag of
 * version 2 costs a quarter of a hash.  ERR_CONFIG if "key" is no push key,
 * ERR_LOCAL if the place is too long.
 */
int	 tag_new(struct hash **, unsigned version,
	    const struct head_place *, const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin a hash under the key K (lib/FORMAT.md, 4), which follows from the
 * signer secret of "key".  It authenticates lists that this host keeps for
 * itself.  ERR_CONFIG if "key" is no push key.
 */
int	 tag_new_keyed(struct hash **, const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_TAG_H */
