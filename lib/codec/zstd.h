/* SPDX-License-Identifier: ISC */
#ifndef CODEC_ZSTD_H
#define CODEC_ZSTD_H

#include <stddef.h>

#include "base/err.h"
#include "codec/coder.h"

/*
 * Zstandard (RFC 8878), by libzstd: one frame without dictionary and without
 * checksum, since what surrounds it is authenticated.  Only codec.c,
 * codec_block.c and flushed.c call this, and they check levels first.
 */
#define ZSTD_WINDOW_LOG	27		/* at most; lib/FORMAT.md, 4 */

/*
 * Whether the next "n" bytes of a stream, of whose magic number *seen bytes
 * have passed, are those of a frame of RFC 8878: else ERR_CORRUPT.  libzstd
 * also reads skippable frames and, as many distributions build it, the formats
 * before 1.0, with decoders that nobody maintains any more.
 */
int	 zstd_magic(unsigned *seen, const uint8_t *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

int	 zstd_encoder_new(struct coder **, int level, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 zstd_decoder_new(struct coder **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whole blocks, one a call, in contexts that serve all of them. */
struct zstd_block;

int	 zstd_block_new(struct zstd_block **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 zstd_block_free(struct zstd_block *);		/* NULL is fine */

/* Returns 0 and *got, 1 if the result has no room in "max" bytes, or -1. */
int	 zstd_block_pack(struct zstd_block *, int level, const void *in,
	    size_t n, void *out, size_t max, size_t *got, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT unless "in" is one frame of exactly "want" bytes. */
int	 zstd_block_unpack(struct zstd_block *, const void *in, size_t n,
	    void *out, size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_ZSTD_H */
