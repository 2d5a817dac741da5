/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYTEXT_H
#define CRYPT_KEYTEXT_H

#include "crypt/keyparts.h"

/*
 * For the files key*.c of this room, and tests: the text of key files
 * (lib/FORMAT.md, 3).
 */

#define KEYTEXT_MAX	16384		/* bytes */
#define KEYTEXT_CHECK	4		/* bytes of the check word */

/*
 * Fill a zeroed key from the "n" bytes of "text".  Returns 0; 1 if it is
 * under a passphrase and "pass" is NULL; or -1, ERR_CONFIG with the number of
 * the line but never its content.  The caller calls key_free() in each case.
 */
int	 keytext_parse(struct key *, const char *text, size_t n,
	    const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* CRYPT_KEYTEXT_H */
