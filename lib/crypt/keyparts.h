/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYPARTS_H
#define CRYPT_KEYPARTS_H

#include <stddef.h>

#include "crypt/keyrole.h"
#include "crypt/secret.h"

/* For the files key*.c of this room, and tests: what a key consists of. */
struct key {
	enum key_role	 role;
	size_t		 nrec, nsig;
	uint8_t		 rec[KEY_MAX][KEY_LEN];	/* recipients, public */
	uint8_t		 sig[KEY_MAX][KEY_LEN];	/* signers, public */
	struct secret	*rec_secret;	/* nrec * KEY_LEN bytes, or NULL */
	struct secret	*seed;		/* of sig[0], or NULL */
};

#endif /* CRYPT_KEYPARTS_H */
