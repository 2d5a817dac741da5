/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_RECEIPTSIGN_H
#define CRYPT_RECEIPTSIGN_H

#include <stddef.h>

#include "crypt/key.h"

/*
 * The signature of a receipt, what backup-drill says of a rehearsed restore
 * (lib/FORMAT.md, 16): signed text as in sign.h, under a key of its own.  A
 * drill key signs nothing else, and no other key signs receipts.
 */

/*
 * Sign "text".  *out is the whole file of *n bytes, which the caller frees.
 * ERR_CONFIG if "key" is no drill key.
 */
int	 receiptsign(char **out, size_t *n, const char *text,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check a whole file of "n" bytes.  On success *text and *len are the signed
 * bytes behind the first line, within "file".  ERR_CORRUPT unless it is a
 * receipt that one of the drill signers of "key" has signed; ERR_CONFIG if
 * "key" names none.
 */
int	 receiptsign_check(const char **text, size_t *len, const void *file,
	    size_t n, const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_RECEIPTSIGN_H */
