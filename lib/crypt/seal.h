/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SEAL_H
#define CRYPT_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/secret.h"
#include "stream/sink.h"

/*
 * Encrypt and authenticate a stream under a fresh data key (lib/FORMAT.md,
 * 4: 24 bytes, then frames of 64 KiB with 17 bytes each).  The key must
 * outlive the sink.
 */
int	 seal_sink_stack(struct sink **head, const struct secret *data_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The reverse.  Bytes are passed on only after they were authenticated; a
 * wrong key, a changed, missing or repeated byte, an early end or bytes after
 * the end are ERR_CORRUPT.
 */
int	 seal_unsink_stack(struct sink **head, const struct secret *data_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Seal one chunk at byte "offset" of a pack (lib/FORMAT.md, 5).  "out" has
 * room for n + SEAL_CHUNK_EXTRA bytes and may be equal to "in".  An offset is
 * used once under a key.
 */
#define SEAL_CHUNK_EXTRA	16

void	 seal_chunk(void *out, const void *in, size_t n, uint64_t offset,
	    const struct secret *data_key);

/*
 * Open "n" bytes in place or into "out" (n - SEAL_CHUNK_EXTRA bytes).
 * ERR_CORRUPT, and nothing usable in "out", if they are not authentic.
 */
int	 seal_chunk_open(void *out, const void *in, size_t n, uint64_t offset,
	    const struct secret *data_key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SEAL_H */
