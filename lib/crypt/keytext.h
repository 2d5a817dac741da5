/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYTEXT_H
#define CRYPT_KEYTEXT_H

#include "crypt/key.h"

/* For the key files of this room and tests: what they hold (lib/FORMAT.md, 3). */

#define KEYTEXT_MAX	16384		/* bytes */
#define KEYTEXT_CHECK	4		/* bytes of the check word */

struct key {
	enum key_role	 role;
	size_t		 nrec, nsig;
	uint8_t		 rec[KEY_MAX][KEY_LEN];	/* public halves */
	uint8_t		 sig[KEY_MAX][KEY_LEN];
	struct secret	*rec_secret;	/* nrec * KEY_LEN bytes, or NULL */
	struct secret	*seed;		/* of sig[0], or NULL */
};

/*
 * Fill a zeroed key.  Returns 0, 1 if it is under a passphrase and "pass" is
 * NULL, or -1, ERR_CONFIG with the line's number but never its content.  The
 * caller calls key_free() in each case.
 */
int	 keytext_parse(struct key *, const char *text, size_t n,
	    const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

const char *keytext_role(enum key_role);

#endif /* CRYPT_KEYTEXT_H */
