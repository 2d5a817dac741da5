/* SPDX-License-Identifier: ISC */
/* Make new keys: a recipient, a signer, and the files of the three roles. */
#include <stdlib.h>
#include <string.h>

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

/* Make the files, with "drill" its own first; NULL: without. */
static int
write_all(const char *base, struct key *k, const struct key *drill,
    const struct secret *pass, struct err *e)
{
	if (keygen_recipient(k, e) || keygen_signer(k, e))
		return (-1);
	if (drill == NULL)
		return (keyfiles_write(base, k, k, k, pass, e));
	memcpy(k->drill[k->ndrill++], drill->sig[0], KEY_LEN);
	if (keyfiles_drill(base, drill, e))
		return (-1);
	if (keyfiles_write(base, k, k, k, pass, e) == 0)
		return (0);
	keyfiles_drill_undo(base);
	return (-1);
}

static int
generate(const char *base, int with_drill, const struct secret *pass,
    struct err *e)
{
	struct key	*k = calloc(1, sizeof(*k));
	struct key	*drill = calloc(1, sizeof(*drill));
	int		 rc;

	if (k == NULL || drill == NULL)
		rc = err_sys(e, ERR_LOCAL, "memory for a key");
	else
		rc = (with_drill && keygen_signer(drill, e)) ||
		    write_all(base, k, with_drill ? drill : NULL, pass, e) ?
		    -1 : 0;
	key_free(k);
	key_free(drill);
	return (rc);
}

int
keygen_files(const char *base, const struct secret *pass, struct err *e)
{
	return (generate(base, 0, pass, e));
}

int
keygen_with_drill(const char *base, const struct secret *pass, struct err *e)
{
	return (generate(base, 1, pass, e));
}
