/* SPDX-License-Identifier: ISC */
/*
 * BLAKE2b and SHA-256, of buffers and of streams.
 *
 * Every state is wiped when it is freed: those that tag.c begins hold keys,
 * and one path for all of them is a path that nobody forgets.
 */
#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

#include "crypt/hash.h"
#include "crypt/init.h"

struct hash {
	crypto_generichash_state st;	/* wants 64-byte alignment */
	crypto_onetimeauth_state inner;	/* if nested: takes what is added */
	int			 is_nested;
	uint64_t		 count;
};

struct hash_sink {
	struct sink	 base;
	struct hash	*h;
};

struct hash_sha256 {
	crypto_hash_sha256_state st;
};

_Static_assert(crypto_onetimeauth_KEYBYTES == HASH_LEN, "keys of one length");

static int
new_with(struct hash **out, const uint8_t *key, size_t n, struct err *e)
{
	struct hash	*h;

	if (init_sodium(e) == -1)
		return (-1);
	/* libsodium's state needs more alignment than calloc() promises. */
	if ((h = aligned_alloc(_Alignof(struct hash), sizeof(*h))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a hash"));
	h->is_nested = 0;
	h->count = 0;
	(void)crypto_generichash_init(&h->st, key, n, HASH_LEN);
	*out = h;
	return (0);
}

int
hash_new(struct hash **out, struct err *e)
{
	return (new_with(out, NULL, 0, e));
}

int
hash_new_with(struct hash **out, const uint8_t key[HASH_LEN], struct err *e)
{
	return (new_with(out, key, HASH_LEN, e));
}

int
hash_new_nested(struct hash **out, const uint8_t inner[HASH_LEN],
    const uint8_t outer[HASH_LEN], struct err *e)
{
	if (new_with(out, outer, HASH_LEN, e) == -1)
		return (-1);
	(void)crypto_onetimeauth_init(&(*out)->inner, inner);
	(*out)->is_nested = 1;
	return (0);
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	if (h->is_nested)
		(void)crypto_onetimeauth_update(&h->inner, p, n);
	else
		(void)crypto_generichash_update(&h->st, p, n);
	h->count += n;
}

uint64_t
hash_count(const struct hash *h)
{
	return (h->count);
}

void
hash_final(struct hash *h, uint8_t out[HASH_LEN])
{
	uint8_t	 p[crypto_onetimeauth_BYTES];

	/* The Poly1305 output never leaves this host bare, nor its memory. */
	if (h->is_nested) {
		(void)crypto_onetimeauth_final(&h->inner, p);
		(void)crypto_generichash_update(&h->st, p, sizeof(p));
		sodium_memzero(p, sizeof(p));
	}
	(void)crypto_generichash_final(&h->st, out, HASH_LEN);
}

void
hash_free(struct hash *h)
{
	if (h == NULL)
		return;
	sodium_memzero(h, sizeof(*h));	/* a keyed one is a secret */
	free(h);
}

int
hash_equal(const uint8_t a[HASH_LEN], const uint8_t b[HASH_LEN])
{
	return (sodium_memcmp(a, b, HASH_LEN) == 0);
}

void
hash_of(uint8_t out[HASH_LEN], const void *p, size_t n)
{
	int	 started = sodium_init();	/* chooses the fast code */

	assert(started != -1);
	(void)crypto_generichash(out, HASH_LEN, p, n, NULL, 0);
}

static int
tap_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct hash_sink	*s = (struct hash_sink *)base;

	hash_add(s->h, p, n);
	return (sink_write(base->next, p, n, e));
}

static int
tap_finish(struct sink *base, struct err *e)
{
	(void)base;			/* nothing is held back here */
	(void)e;
	return (0);
}

static void
tap_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops tap_ops = { tap_write, tap_finish, tap_free };

int
hash_sink_stack(struct sink **head, struct hash *h, struct err *e)
{
	struct hash_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a hash"));
	s->base.ops = &tap_ops;
	s->base.next = *head;
	s->h = h;
	*head = &s->base;
	return (0);
}

int
hash_sha256_new(struct hash_sha256 **out, struct err *e)
{
	struct hash_sha256	*h;

	if (init_sodium(e) == -1)
		return (-1);
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a hash"));
	(void)crypto_hash_sha256_init(&h->st);
	*out = h;
	return (0);
}

void
hash_sha256_add(struct hash_sha256 *h, const void *p, size_t n)
{
	(void)crypto_hash_sha256_update(&h->st, p, n);
}

void
hash_sha256_final(struct hash_sha256 *h, uint8_t out[32])
{
	(void)crypto_hash_sha256_final(&h->st, out);
}

void
hash_sha256_free(struct hash_sha256 *h)
{
	free(h);
}
