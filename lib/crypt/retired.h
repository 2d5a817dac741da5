/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_RETIRED_H
#define CRYPT_RETIRED_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/headform.h"
#include "crypt/key.h"
#include "crypt/vouched.h"

/*
 * Signers that were retired (lib/FORMAT.md, 3 and 13): what they signed counts
 * if and only if an inventory lists it.
 */

/*
 * THE question whether an object counts, of which the signature by signer "i"
 * of the key, and the place, were found right.  "hash" is that of its header,
 * or of a label's file.  Returns 0, or -1: ERR_CORRUPT if the signer is
 * retired and no inventory that was read lists the object; the message says
 * which of the two, and what to do.  head_decode() and sign_check() ask it, so
 * nothing that they accept needs to be asked for again.
 */
int	 retired_check(const struct key *, size_t i,
	    const struct head_place *, const uint8_t hash[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether retired_check() refuses such an object for nothing but that no
 * inventory lists it, although one of its signer was read for that cluster: so
 * it came after the signer's key was stolen, or did not pass.
 */
int	 retired_unlisted(const struct key *, size_t i,
	    const struct head_place *, const uint8_t hash[HASH_LEN])
	    __attribute__((nonnull));

/*
 * Whether what signer "i" signed must be asked for: it is retired, and not
 * trusted, see below.
 */
int	 retired_is(const struct key *, size_t i) __attribute__((nonnull));

/* Whether the key has a retired signer that is not trusted, see below. */
int	 retired_any(const struct key *) __attribute__((nonnull));

/* Whether a retired signer of the key has this id, trusted or not. */
int	 retired_id(const struct key *, const uint8_t id[KEY_ID_LEN])
	    __attribute__((nonnull));

/*
 * Find a signer of the key by its id (16 digits), or by the key itself (64),
 * in hexadecimal.  ERR_CONFIG if the key has no such signer.
 */
int	 retired_find(size_t *i, const struct key *, const char *name,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Mark signer "i" as retired, for the files that --renew makes. */
void	 retired_mark(struct key *, size_t i) __attribute__((nonnull));

/*
 * From now on take all that signer "i" has signed, though it is retired.  This
 * is for a verification that vouches for it, and for users who say so.
 */
void	 retired_trust(struct key *, size_t i) __attribute__((nonnull));

/*
 * For pushes: no inventory is read for this key, so of a retired signer nothing
 * but the marker counts, and messages say that this is so for a push.
 */
void	 retired_forgo(struct key *) __attribute__((nonnull));

/*
 * Where the inventories of a key are kept; NULL if the key file retires no
 * signer, and after retired_forgo().
 */
struct vouched *retired_vouched(const struct key *) __attribute__((nonnull));

#endif /* CRYPT_RETIRED_H */
