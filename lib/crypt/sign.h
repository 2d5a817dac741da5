/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SIGN_H
#define CRYPT_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"
#include "crypt/key.h"

/* Signed text: markers, labels, inventories (lib/FORMAT.md, 6). */

#define SIGN_MAX	((size_t)4 << 20)	/* bytes of a whole file */

/*
 * Sign "text" as a "what" ("marker", "label", "inventory") of that place.
 * *out is the whole file of *n bytes, which the caller frees: the line with
 * the signature, the text, and a newline.  ERR_CONFIG if "key" is no push key,
 * ERR_LOCAL if the file would be larger than SIGN_MAX.
 */
int	 sign_text(char **out, size_t *n, const char *what,
	    const struct head_place *, const char *text,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check a whole file of "n" bytes.  On success *text and *len are the signed
 * bytes behind the first line, within "file".  ERR_CORRUPT if it is of
 * another kind, place or version, not signed by a signer of "key", or signed
 * by a retired one and listed by no inventory; a marker needs none.
 */
int	 sign_check(const char **text, size_t *len, const void *file, size_t n,
	    const char *what, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for a file that sign_check() refuses for nothing but that its signer
 * is retired and no inventory of that signer lists it (retired_unlisted()); all
 * else is ERR_CORRUPT.  What is read so counts for nothing.
 */
int	 sign_check_unlisted(const char **text, size_t *len, const void *file,
	    size_t n, const char *what, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The id that the first line of a "what" gives as its signer's; only what
 * sign_check() has accepted was signed by that one.  ERR_CORRUPT if there is
 * no such line.
 */
int	 sign_signer(uint8_t id[KEY_ID_LEN], const void *file, size_t n,
	    const char *what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SIGN_H */
