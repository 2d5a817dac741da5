/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_PAGEHASH_H
#define CRYPT_PAGEHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/key.h"

/*
 * Hashes of data pages under keys that follow from the signer secret of a push
 * key (lib/FORMAT.md, 9, page hashes).  They cost a quarter of a hash of
 * hash.h.  Equal hashes mean equal pages for who does not know the keys, and
 * say nothing else about them.  Several threads may use one context.
 */
#define PAGEHASH_LEN	16

struct pagehash;

/* ERR_CONFIG if "key" is no push key. */
int	 pagehash_new(struct pagehash **out, const struct key *key,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 pagehash_free(struct pagehash *);	/* wipes; NULL is fine */

/* The hash of the "n" bytes at "page". */
void	 pagehash_of(const struct pagehash *, const void *page, size_t n,
	    uint8_t out[PAGEHASH_LEN]) __attribute__((nonnull));

/*
 * The mark that binds hashes to what they are of, which the "n" bytes at "p"
 * tell.  It is not all zeros.
 */
void	 pagehash_mark(const struct pagehash *, const void *p, size_t n,
	    uint8_t out[PAGEHASH_LEN]) __attribute__((nonnull));

#endif /* CRYPT_PAGEHASH_H */
