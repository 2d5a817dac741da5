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
 * (1 to 3; 2 and 3 have the same) hold it; hash_add() and hash_final()
 * complete it.  A tag of version 2 costs a quarter of a hash.  ERR_CONFIG if
 * "key" is no push key, ERR_LOCAL if the place is too long.
 */
int	 tag_new(struct hash **, unsigned version,
	    const struct head_place *, const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin a hash under a key that follows from the signer secret of "key" and
 * from "use", a text that no other use may have.  It authenticates lists that
 * this host keeps for itself.  ERR_CONFIG if "key" is no push key.
 */
#define TAG_USE_1	"seawall content tag"	/* of header version 1, and of
						 * the first lists */

int	 tag_new_keyed(struct hash **, const char *use,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_TAG_H */
