/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYPASS_H
#define CRYPT_KEYPASS_H

#include <stdint.h>

#include "crypt/keyrole.h"
#include "crypt/secret.h"

/* For the files key*.c: secrets under a passphrase (lib/FORMAT.md, 3). */

#define KEYPASS_SALT	16
#define KEYPASS_SEALED	(24 + 16 + KEY_LEN)	/* nonce, tag, secret */

struct keypass {
	uint64_t	 ops, mem;	/* Argon2id's cost; mem in bytes */
	uint8_t		 salt[KEYPASS_SALT];
};

/* Readers refuse more, so that a forged file cannot exhaust this host. */
#define KEYPASS_OPS_MAX	20
#define KEYPASS_MEM_MAX	(UINT64_C(2) << 30)

/* Set the cost that new files get, and a fresh salt. */
void	 keypass_fresh(struct keypass *);

/* Derive a key from the passphrase.  ERR_LOCAL if this host lacks memory. */
int	 keypass_derive(struct secret **, const struct keypass *,
	    const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Derive from that the key for one purpose, as files of version 2 do.
 */
#define KEYPASS_SEAL	"seawall key seal 2\n"
#define KEYPASS_BIND	"seawall key bind 2\n"

int	 keypass_purpose(struct secret **, const struct secret *derived,
	    const char *purpose, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What the line "bound" holds: a hash of the "n" bytes before it that only
 * holders of the passphrase can make.
 */
int	 keypass_bound(uint8_t out[KEY_LEN], const struct secret *derived,
	    const void *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Seal one secret under the key. */
void	 keypass_seal(uint8_t out[KEYPASS_SEALED], const uint8_t in[KEY_LEN],
	    const struct secret *derived);

/* Open one.  ERR_CONFIG if it was sealed under another passphrase. */
int	 keypass_open(uint8_t out[KEY_LEN], const uint8_t in[KEYPASS_SEALED],
	    const struct secret *derived, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_KEYPASS_H */
