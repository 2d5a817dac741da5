/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEY_H
#define CRYPT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/keyrole.h"
#include "crypt/secret.h"

struct key;

/*
 * Read a key file of any role; who asks looks at key_role().  Returns 0, 1
 * if it is under a passphrase and "pass" is NULL, or -1: ERR_CONFIG for a
 * file that is missing, has group or other permissions although it holds
 * secrets, is damaged (check word), of an unknown version, or under another
 * passphrase.
 */
int	 key_load(struct key **, const char *path, const struct secret *pass,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));
void	 key_free(struct key *);			/* NULL is fine */
enum key_role key_role(const struct key *);

/* For the other files of this room. */
size_t	 key_recipients(const struct key *);
const uint8_t *key_recipient(const struct key *, size_t);	/* public */
const uint8_t *key_recipient_secret(const struct key *, size_t); /* or NULL */
size_t	 key_signers(const struct key *);
const uint8_t *key_signer(const struct key *, size_t);		/* public */
const struct secret *key_signer_seed(const struct key *);	/* or NULL */
void	 key_id(uint8_t id[KEY_ID_LEN], const uint8_t pub[KEY_LEN]);

/* Sign with the key's seed, which must be there. */
void	 key_sign(uint8_t sig[KEY_SIG_LEN], const struct key *, const void *,
	    size_t);

/* ERR_CORRUPT unless the signer of that id is one of the key's and did. */
int	 key_verify(const struct key *, const uint8_t signer[KEY_ID_LEN],
	    const uint8_t sig[KEY_SIG_LEN], const void *, size_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_KEY_H */
