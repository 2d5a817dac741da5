/* SPDX-License-Identifier: ISC */
/* Make new keys: a recipient, a signer, and the files of the three roles. */
#include <stdlib.h>

#include <sodium.h>

#include "crypt/key.h"
#include "crypt/keyfiles.h"
#include "crypt/keygen.h"

int
keygen_recipient(struct key *k, struct err *e)
{
	if (secret_random(&k->rec_secret, KEY_LEN, e) == -1)
		return (-1);
	(void)crypto_scalarmult_base(k->rec[0], secret_bytes(k->rec_secret));
	k->nrec = 1;
	return (0);
}

int
keygen_signer(struct key *k, struct err *e)
{
	uint8_t	 sk[crypto_sign_SECRETKEYBYTES];

	if (secret_random(&k->seed, KEY_LEN, e) == -1)
		return (-1);
	(void)crypto_sign_seed_keypair(k->sig[0], sk, secret_bytes(k->seed));
	sodium_memzero(sk, sizeof(sk));
	/* It has never written a header of version 1 or 2. */
	k->words[0] = (struct key_words){ .v2_until_us = 0 };
	k->nsig = 1;
	return (0);
}

int
keygen_files(const char *base, const struct secret *pass, struct err *e)
{
	struct key	*k;
	int		 rc;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a key"));
	rc = keygen_recipient(k, e) || keygen_signer(k, e) ? -1 :
	    keyfiles_write(base, k, k, k, pass, e);
	key_free(k);
	return (rc);
}
