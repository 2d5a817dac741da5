/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_SEAL_H
#define CRYPT_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/secret.h"
#include "stream/sink.h"

/*
 * Stack a stage that encrypts and authenticates a stream under a payload key
 * that nothing else uses (headkey.h; lib/FORMAT.md, 4: 24 bytes, then frames
 * of 64 KiB with 17 bytes of overhead each).  The key must outlive the sink.
 */
int	 seal_sink_stack(struct sink **head, const struct secret *payload_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Stack the reverse.  It passes bytes on only after they were authenticated.
 * ERR_CORRUPT for a wrong key, a changed, missing or repeated byte, an early
 * end, or bytes behind the end.
 */
int	 seal_unsink_stack(struct sink **head, const struct secret *payload_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Seal the "n" bytes of one chunk that will lie at byte "offset" of a pack
 * (lib/FORMAT.md, 5).  "out" has room for n + SEAL_CHUNK_EXTRA bytes and may
 * be equal to "in".  An offset may be used once under a key: two chunks with
 * one key and offset would give away the XOR of their contents.
 */
#define SEAL_CHUNK_EXTRA	16

void	 seal_chunk(void *out, const void *in, size_t n, uint64_t offset,
	    const struct secret *payload_key);

/*
 * Open "n" sealed bytes, in place or into "out" (n - SEAL_CHUNK_EXTRA bytes).
 * ERR_CORRUPT if they are not authentic; "out" then holds nothing usable.
 */
int	 seal_chunk_open(void *out, const void *in, size_t n, uint64_t offset,
	    const struct secret *payload_key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_SEAL_H */
