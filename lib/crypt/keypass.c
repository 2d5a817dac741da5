/* SPDX-License-Identifier: ISC */
/*
 * Secrets of a key file under a passphrase: Argon2id makes guessing slow, and
 * a secretbox tells a wrong passphrase from a right one.
 */
#include <inttypes.h>

#include <string.h>

#include <sodium.h>

#include "crypt/hash.h"
#include "crypt/keypass.h"

_Static_assert(KEY_LEN == HASH_LEN, "derived keys");
_Static_assert(KEYPASS_SALT == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(KEYPASS_SEALED == crypto_secretbox_NONCEBYTES +
    crypto_secretbox_MACBYTES + KEY_LEN, "sealed secret");

void
keypass_fresh(struct keypass *kp)
{
	kp->ops = crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
	kp->mem = crypto_pwhash_argon2id_MEMLIMIT_MODERATE;
	randombytes_buf(kp->salt, sizeof(kp->salt));
}

int
keypass_derive(struct secret **out, const struct keypass *kp,
    const struct secret *pass, struct err *e)
{
	struct secret	*s;
	uint8_t		*p;

	if (secret_new(&s, KEY_LEN, &p, e) == -1)
		return (-1);
	if (crypto_pwhash_argon2id(p, KEY_LEN,
	    (const char *)secret_bytes(pass), secret_len(pass), kp->salt,
	    kp->ops, (size_t)kp->mem,
	    crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
		secret_free(s);
		return (err_set(e, ERR_LOCAL, "trying the passphrase needs "
		    "%" PRIu64 " MiB of memory", kp->mem >> 20));
	}
	secret_freeze(s);
	*out = s;
	return (0);
}

int
keypass_purpose(struct secret **out, const struct secret *derived,
    const char *purpose, struct err *e)
{
	struct secret	*s;
	struct hash	*h;
	uint8_t		*p;

	if (secret_new(&s, KEY_LEN, &p, e) == -1)
		return (-1);
	if (hash_new_with(&h, secret_bytes(derived), e) == -1) {
		secret_free(s);
		return (-1);
	}
	hash_add(h, purpose, strlen(purpose));
	hash_final(h, p);
	hash_free(h);
	secret_freeze(s);
	*out = s;
	return (0);
}

int
keypass_bound(uint8_t out[KEY_LEN], const struct secret *derived,
    const void *p, size_t n, struct err *e)
{
	struct secret	*s;
	struct hash	*h;
	int		 rc;

	if (keypass_purpose(&s, derived, KEYPASS_BIND, e) == -1)
		return (-1);
	if ((rc = hash_new_with(&h, secret_bytes(s), e)) == 0) {
		hash_add(h, p, n);
		hash_final(h, out);
		hash_free(h);
	}
	secret_free(s);
	return (rc);
}

void
keypass_seal(uint8_t out[KEYPASS_SEALED], const uint8_t in[KEY_LEN],
    const struct secret *derived)
{
	randombytes_buf(out, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, in,
	    KEY_LEN, out, secret_bytes(derived));
}

int
keypass_open(uint8_t out[KEY_LEN], const uint8_t in[KEYPASS_SEALED],
    const struct secret *derived, struct err *e)
{
	if (crypto_secretbox_open_easy(out, in + crypto_secretbox_NONCEBYTES,
	    KEYPASS_SEALED - crypto_secretbox_NONCEBYTES, in,
	    secret_bytes(derived)) != 0)
		return (err_set(e, ERR_CONFIG, "wrong passphrase"));
	return (0);
}
