/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEY_H
#define CRYPT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/keyrole.h"
#include "crypt/secret.h"

/* The keys of one role, see keyrole.h.  Secrets are in guarded memory. */
struct key;

/*
 * Read a key file of any role; the caller looks at key_role().  Returns 0; 1
 * if the file is under a passphrase and "pass" is NULL; or -1.  ERR_CONFIG if
 * the file is missing, is damaged (by its check word), has an unknown version,
 * is under another passphrase, or holds secrets and gives permissions to
 * group or others.
 */
int	 key_load(struct key **, const char *path, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));
void	 key_free(struct key *);			/* NULL is fine */
enum key_role key_role(const struct key *);

/*
 * The rest is for the other files of this room.  The accessors return
 * KEY_LEN bytes that are valid until key_free(); those of secrets return NULL
 * if the role does not hold them.
 */
size_t	 key_recipients(const struct key *);
const uint8_t *key_recipient(const struct key *, size_t i);	/* public */
const uint8_t *key_recipient_secret(const struct key *, size_t i);
size_t	 key_signers(const struct key *);
const uint8_t *key_signer(const struct key *, size_t i);	/* public */
const struct secret *key_signer_seed(const struct key *);

/* The id of a public key selects it among others; it proves nothing. */
void	 key_id(uint8_t id[KEY_ID_LEN], const uint8_t pub[KEY_LEN]);

/* Sign "n" bytes with the key's seed, which must be there. */
void	 key_sign(uint8_t sig[KEY_SIG_LEN], const struct key *, const void *,
	    size_t n);

/*
 * Check a signature over "n" bytes.  ERR_CORRUPT unless "signer" is the id of
 * one of the key's signers, and that one made the signature; *which is set to
 * its number.
 */
int	 key_verify(const struct key *, size_t *which,
	    const uint8_t signer[KEY_ID_LEN], const uint8_t sig[KEY_SIG_LEN],
	    const void *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether an object with a header of version 1 or 2 counts that signer "i"
 * says to have made at that time (lib/FORMAT.md, 3, v2-until).
 */
int	 key_signed_v2(const struct key *, size_t i, int64_t created_us);

/* The name of the file that the key was read from, or "(none)". */
const char *key_file(const struct key *);

#endif /* CRYPT_KEY_H */
