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

/* For tag.c: under a key, or of the Poly1305 of what is added. */
int	 hash_new_with(struct hash **, const uint8_t key[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 hash_new_nested(struct hash **, const uint8_t inner[HASH_LEN],
	    const uint8_t outer[HASH_LEN], struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 hash_add(struct hash *, const void *, size_t);
uint64_t hash_count(const struct hash *);	/* bytes added so far */
void	 hash_final(struct hash *, uint8_t out[HASH_LEN]);	/* once */
void	 hash_free(struct hash *);			/* NULL is fine */

/* Whether two are the same, in a time that does not tell how much is. */
int	 hash_equal(const uint8_t a[HASH_LEN], const uint8_t b[HASH_LEN])
	    __attribute__((warn_unused_result));

/* Of one buffer. */
void	 hash_of(uint8_t out[HASH_LEN], const void *, size_t);

/*
 * Stack a tap that adds all that passes to "h", which the caller owns and
 * which must outlive the sink.
 */
int	 hash_sink_stack(struct sink **head, struct hash *h, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* SHA-256, which PostgreSQL's backup_manifest ends with. */
struct hash_sha256;

int	 hash_sha256_new(struct hash_sha256 **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 hash_sha256_add(struct hash_sha256 *, const void *, size_t);
void	 hash_sha256_final(struct hash_sha256 *, uint8_t out[32]);
void	 hash_sha256_free(struct hash_sha256 *);	/* NULL is fine */

#endif /* CRYPT_HASH_H */
