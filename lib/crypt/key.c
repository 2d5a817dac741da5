/* SPDX-License-Identifier: ISC */
/*
 * The keys of a role: read them from a file, sign with them, check.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/keyparts.h"
#include "crypt/keytext.h"
#include "crypt/vouched.h"

_Static_assert(KEY_LEN == crypto_box_SECRETKEYBYTES &&
    KEY_LEN == crypto_box_PUBLICKEYBYTES &&
    KEY_LEN == crypto_sign_PUBLICKEYBYTES &&
    KEY_LEN == crypto_sign_SEEDBYTES &&
    KEY_SIG_LEN == crypto_sign_BYTES, "keys");

static int
key_new(struct key **out, struct err *e)
{
	struct key	*k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a key"));
	*out = k;
	return (0);
}

/* There are inventories to keep only where a signer is retired. */
static int
keep_inventories(struct key *k, struct err *e)
{
	size_t	 i;

	for (i = 0; i < k->nsig; i++)
		if (k->words[i].retired)
			return (vouched_new(&k->vouched, e));
	return (0);
}

int
key_load(struct key **out, const char *path, const struct secret *pass,
    struct err *e)
{
	struct secret	*text = NULL;
	struct key	*k = NULL;
	int		 is_private, rc = -1;

	if (secret_load(&text, path, KEYTEXT_MAX, &is_private, e) ||
	    key_new(&k, e))
		goto out;
	rc = keytext_parse(k, (const char *)secret_bytes(text),
	    secret_len(text), pass, e);
	/*
	 * Whoever can read a push key can write what restore accepts; whoever
	 * can read a restore key can read every backup.  An open one is
	 * refused, so that somebody notices.
	 */
	if (rc != -1 && k->role != KEY_PUBLIC && !is_private)
		rc = err_set(e, ERR_CONFIG, "group or others have permissions "
		    "on this %s key; chmod 600 it, and make new keys if they "
		    "may have read it", keyrole_name(k->role));
	if (rc == 0 && (str_dup(&k->file, path, e) || keep_inventories(k, e)))
		rc = -1;
	if (rc != 0)
		goto out;
	*out = k;
	k = NULL;
out:
	key_free(k);
	secret_free(text);
	return (rc == -1 ? err_ctx(e, "key file %s", path) : rc);
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	secret_free(k->rec_secret);
	secret_free(k->seed);
	free(k->file);
	vouched_free(k->vouched);
	free(k);
}

enum key_role
key_role(const struct key *k)
{
	return (k->role);
}

size_t
key_recipients(const struct key *k)
{
	return (k->nrec);
}

const uint8_t *
key_recipient(const struct key *k, size_t i)
{
	return (k->rec[i]);
}

const uint8_t *
key_recipient_secret(const struct key *k, size_t i)
{
	return (k->rec_secret == NULL ? NULL :
	    secret_bytes(k->rec_secret) + i * KEY_LEN);
}

size_t
key_signers(const struct key *k)
{
	return (k->nsig);
}

const uint8_t *
key_signer(const struct key *k, size_t i)
{
	return (k->sig[i]);
}

const struct secret *
key_signer_seed(const struct key *k)
{
	return (k->seed);
}

void
key_id(uint8_t id[KEY_ID_LEN], const uint8_t pub[KEY_LEN])
{
	uint8_t	 h[HASH_LEN];

	hash_of(h, pub, KEY_LEN);
	memcpy(id, h, KEY_ID_LEN);
}

void
key_sign(uint8_t sig[KEY_SIG_LEN], const struct key *k, const void *p,
    size_t n)
{
	uint8_t	 pk[KEY_LEN], sk[crypto_sign_SECRETKEYBYTES];

	/* libsodium's secret key is seed and public key; keep only the seed. */
	assert(k->seed != NULL);
	(void)crypto_sign_seed_keypair(pk, sk, secret_bytes(k->seed));
	(void)crypto_sign_detached(sig, NULL, p, n, sk);
	sodium_memzero(sk, sizeof(sk));
}

int
key_signed_v2(const struct key *k, size_t i, int64_t created_us)
{
	const int64_t	 until = k->words[i].v2_until_us;

	/* 0 is "not said", so no time is before it, not even a negative one. */
	return (until == KEYPARTS_FOREVER ||
	    (until != 0 && created_us < until));
}

const char *
key_file(const struct key *k)
{
	return (k->file != NULL ? k->file : "(none)");
}

/*
 * Usually somebody made new keys, or renewed them and left this file behind.
 * But the key may also be a stranger's: so no cure is to copy its public half
 * from what it signed.
 */
static int
unknown_signer(const struct key *k, const char *hex, struct err *e)
{
	const char	*file = key_file(k);

	if (k->role == KEY_PUSH)
		return (err_set(e, ERR_CORRUPT, "signed by %s, which is not a "
		    "signer in the key file %s; if that is an earlier push "
		    "key of this repository, make this one with "
		    "backup-keygen --renew from its .public file", hex, file));
	return (err_set(e, ERR_CORRUPT, "signed by %s, which is not a signer "
	    "in the key file %s; if the push key was renewed, use the .%s "
	    "file that backup-keygen --renew made with it", hex, file,
	    keyrole_name(k->role)));
}

int
key_verify(const struct key *k, size_t *which,
    const uint8_t signer[KEY_ID_LEN], const uint8_t sig[KEY_SIG_LEN],
    const void *p, size_t n, struct err *e)
{
	uint8_t	 id[KEY_ID_LEN];
	char	 hex[2 * KEY_ID_LEN + 1];
	size_t	 i, known = 0;

	/*
	 * Ids are short and are no proof: two signers may share one, so each
	 * that fits is tried, and only a signature counts.
	 */
	for (i = 0; i < k->nsig; i++) {
		key_id(id, k->sig[i]);
		if (memcmp(id, signer, KEY_ID_LEN) != 0)
			continue;
		known = 1;
		if (crypto_sign_verify_detached(sig, p, n, k->sig[i]) == 0) {
			*which = i;
			return (0);
		}
	}
	(void)str_hex(hex, signer, KEY_ID_LEN);
	return (known ? err_set(e, ERR_CORRUPT, "the signature by %s is "
	    "wrong: damaged, forged or of another place", hex) :
	    unknown_signer(k, hex, e));
}
