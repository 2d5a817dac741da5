/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/sink.h"

/* BLAKE2b with 32 bytes of output (RFC 7693); content tags are as long. */
#define HASH_LEN	32

struct hash;

/* Begin a hash. */
int	 hash_new(struct hash **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add "n" bytes. */
void	 hash_add(struct hash *, const void *, size_t n);
uint64_t hash_count(const struct hash *);	/* bytes added so far */

/* End the hash, once; then only hash_count() and hash_free() remain. */
void	 hash_final(struct hash *, uint8_t out[HASH_LEN]);
void	 hash_free(struct hash *);		/* wipes; NULL is fine */

/*
 * Whether two hashes are equal.  Takes the same time however much of them is,
 * so that nobody learns a tag by trying.
 */
int	 hash_equal(const uint8_t a[HASH_LEN], const uint8_t b[HASH_LEN])
	    __attribute__((warn_unused_result));

/* Hash one buffer of "n" bytes. */
void	 hash_of(uint8_t out[HASH_LEN], const void *, size_t n);

/*
 * Stack a stage that adds all that passes to "h".  The caller owns "h", which
 * must outlive the sink.
 */
int	 hash_sink_stack(struct sink **head, struct hash *h, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For tag.c.  hash_new_with() begins a hash under "key".  hash_new_nested()
 * begins one, under the key "outer", of the 16 bytes that Poly1305 under the
 * key "inner" makes of what is added; "inner" serves one content only, or
 * outputs that nobody sees bare (see tag.c).
 */
int	 hash_new_with(struct hash **, const uint8_t key[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 hash_new_nested(struct hash **, const uint8_t inner[HASH_LEN],
	    const uint8_t outer[HASH_LEN], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* SHA-256, with which PostgreSQL's backup_manifest ends. */
struct hash_sha256;

int	 hash_sha256_new(struct hash_sha256 **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 hash_sha256_add(struct hash_sha256 *, const void *, size_t n);
void	 hash_sha256_final(struct hash_sha256 *, uint8_t out[32]);
void	 hash_sha256_free(struct hash_sha256 *);	/* NULL is fine */

#endif /* CRYPT_HASH_H */
