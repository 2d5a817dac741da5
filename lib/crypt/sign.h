/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SIGN_H
#define CRYPT_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"
#include "crypt/key.h"

/* Signed text: markers and labels (lib/FORMAT.md, 6). */

#define SIGN_MAX	((size_t)4 << 20)

/*
 * Sign "text" as what ("marker", "label") of that place.  *out, which the
 * caller frees, is the whole file: the signature's line, the text, and a
 * newline.  ERR_CONFIG if the key is no push key, ERR_LOCAL if the file
 * would be larger than SIGN_MAX.
 */
int	 sign_text(char **out, size_t *n, const char *what,
	    const struct head_place *, const char *text, const struct key *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Check a whole file; *text and *len are then the signed bytes after the
 * first line, inside "file".  ERR_CORRUPT if it is of another kind, place or
 * version, or not signed by one of the key's signers.
 */
int	 sign_check(const char **text, size_t *len, const void *file, size_t n,
	    const char *what, const struct head_place *, const struct key *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SIGN_H */
