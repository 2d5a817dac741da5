/* SPDX-License-Identifier: ISC */
/*
 * Key files, as given and with the check word that makes them complete.  One
 * under a passphrase is opened with it, as its owner does: then none passes
 * but the one that he made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/keytext.h"

/* test/data/golden-2-sealed.restore, without its check word */
static const char sealed[] =
    "seawall restore key 2\n"
    "created 2026-11-22T04:00:01Z\n"
    "argon2id 1 8192 000102030405060708090a0b0c0d0e0f\n"
    "recipient-secret-sealed d8abf49355da4643a53b4663c2cc1a0944028c7f"
    "ecbaa29e076ccb001b935682170a889fd8ead14c9c4a4e4c3935e580be69b6c8"
    "ee15d5d4b2fc0bbee2e0deab404ad796244e1dc6\n"
    "signer 5407d6506e6bec31ea9181862967f53e105a619d4330008e1e486c9b2"
    "00993d4\n"
    "bound 60d07bd9c9adeeb2c8addd0f3605f86a212ea2edd04975fd7affac6fa8"
    "2474fb\n";

#define COST	"\nargon2id 1 8192 "		/* more would take its time */

static struct secret *
passphrase(void)
{
	static struct secret	*pass;
	struct err		 e = ERR_INIT;
	uint8_t			*to;

	if (pass == NULL) {
		if (secret_new(&pass, 6, &to, &e))
			abort();
		memcpy(to, "golden", 6);
	}
	return (pass);
}

static void
parse(const char *text, size_t n)
{
	const struct secret *pass = NULL;
	struct err	 e = ERR_INIT;
	struct key	*k;
	int		 under;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return;
	under = memmem(text, n, "\nargon2id", 9) != NULL;
	if (memmem(text, n, COST, sizeof(COST) - 1) != NULL)
		pass = passphrase();
	if (keytext_parse(k, text, n, pass, &e) == 0 && under &&
	    (n < sizeof(sealed) - 1 ||
	    memcmp(text, sealed, sizeof(sealed) - 1) != 0))
		abort();
	key_free(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t	 sum[HASH_LEN];
	char	*text, hex[9];

	if ((text = malloc(n + 32)) == NULL)
		return (0);
	if (n > 0)
		memcpy(text, p, n);
	parse(text, n);
	hash_of(sum, text, n);
	(void)snprintf(text + n, 32, "check %s\n", str_hex(hex, sum, 4));
	parse(text, n + 15);
	free(text);
	return (0);
}
