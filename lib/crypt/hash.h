/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "stream/sink.h"

/* BLAKE2b with 32 bytes of output (RFC 7693). */
#define HASH_LEN	32

struct hash;

/*
 * Begin a hash: plain, or the content tag under the key that follows from a
 * push key's signer (lib/FORMAT.md, 4).  hash_new_tag() is ERR_CONFIG for a
 * key of another role.
 */
int	 hash_new(struct hash **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 hash_new_tag(struct hash **, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 hash_add(struct hash *, const void *, size_t);
uint64_t hash_count(const struct hash *);	/* bytes added so far */
void	 hash_final(struct hash *, uint8_t out[HASH_LEN]);	/* once */
void	 hash_free(struct hash *);			/* NULL is fine */

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
