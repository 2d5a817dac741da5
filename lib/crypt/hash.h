/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "stream/sink.h"

/* BLAKE2b with 32 bytes of output (RFC 7693); content tags are as long. */
#define HASH_LEN	32

struct hash;
struct head_place;		/* crypt/head.h */

/* Begin a hash. */
int	 hash_new(struct hash **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin one under the key K that follows from a push key's signer
 * (lib/FORMAT.md, 4): of lists that this host keeps for itself.  ERR_CONFIG
 * for a key of another role.
 */
int	 hash_new_keyed(struct hash **, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin the content tag of the object at that place, as headers of that
 * version (1 or 2) hold it: both are computed with the functions below.  Of
 * version 2 it costs a quarter of a hash.  ERR_CONFIG as above, ERR_LOCAL if
 * the place is too long.
 */
int	 hash_new_tag(struct hash **, unsigned version,
	    const struct head_place *, const struct key *, struct err *)
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
