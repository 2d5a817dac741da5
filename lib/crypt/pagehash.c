/* SPDX-License-Identifier: ISC */
/*
 * Page hashes: Poly1305 does the work, since it is fast, and BLAKE2b hides its
 * output.  tag.c says why a bare one must not be seen; the same key serves all
 * pages here, and the hashes lie in a file.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypt/init.h"
#include "crypt/pagehash.h"
#include "crypt/secret.h"

#define INNER	0			/* offsets of the keys */
#define OUTER	KEY_LEN
#define MARK	((size_t)2 * KEY_LEN)
#define ALL	((size_t)3 * KEY_LEN)

_Static_assert(crypto_onetimeauth_KEYBYTES == KEY_LEN, "keys of one length");

struct pagehash {
	struct secret	*keys;
};

static void
derive(uint8_t *to, const char *use, const struct secret *seed)
{
	(void)crypto_generichash(to, KEY_LEN, (const uint8_t *)use,
	    strlen(use), secret_bytes(seed), KEY_LEN);
}

int
pagehash_new(struct pagehash **out, const struct key *key, struct err *e)
{
	const struct secret	*seed = key_signer_seed(key);
	struct pagehash		*h;
	uint8_t			*k;

	if (seed == NULL)
		return (err_set(e, ERR_CONFIG, "page hashes need a .push "
		    "key"));
	if (init_sodium(e) == -1)
		return (-1);
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (err_sys(e, ERR_LOCAL, "page hashes"));
	if (secret_new(&h->keys, ALL, &k, e)) {
		free(h);
		return (-1);
	}
	derive(k + INNER, "seawall page inner 1\n", seed);
	derive(k + OUTER, "seawall page outer 1\n", seed);
	derive(k + MARK, "seawall last pages mark 1\n", seed);
	secret_freeze(h->keys);
	*out = h;
	return (0);
}

void
pagehash_free(struct pagehash *h)
{
	if (h == NULL)
		return;
	secret_free(h->keys);
	free(h);
}

static void
shorten(uint8_t out[PAGEHASH_LEN], const void *p, size_t n,
    const uint8_t *key)
{
	uint8_t	 whole[crypto_generichash_BYTES];

	(void)crypto_generichash(whole, sizeof(whole), p, n, key, KEY_LEN);
	memcpy(out, whole, PAGEHASH_LEN);
}

void
pagehash_of(const struct pagehash *h, const void *page, size_t n,
    uint8_t out[PAGEHASH_LEN])
{
	const uint8_t	*k = secret_bytes(h->keys);
	uint8_t		 p[crypto_onetimeauth_BYTES];

	(void)crypto_onetimeauth(p, page, n, k + INNER);
	shorten(out, p, sizeof(p), k + OUTER);
	sodium_memzero(p, sizeof(p));
}

void
pagehash_mark(const struct pagehash *h, const void *p, size_t n,
    uint8_t out[PAGEHASH_LEN])
{
	shorten(out, p, n, secret_bytes(h->keys) + MARK);
}
