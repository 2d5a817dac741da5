/* SPDX-License-Identifier: ISC */
#ifndef CODEC_ZSTD_H
#define CODEC_ZSTD_H

#include <stddef.h>

#include "base/err.h"
#include "codec/coder.h"

/*
 * Zstandard, by libzstd (RFC 8878).  Only codec.c and codec_block.c call
 * this.  One frame without dictionary and without checksum: what surrounds
 * it is authenticated.  Levels were checked by the caller.
 */
int	 zstd_encoder_new(struct coder **, int level, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 zstd_decoder_new(struct coder **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whole blocks in one call, with contexts that are used again. */
struct zstd_block;

int	 zstd_block_new(struct zstd_block **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 zstd_block_free(struct zstd_block *);		/* NULL is fine */

/* 1 if the result has no room in "max" bytes. */
int	 zstd_block_pack(struct zstd_block *, int level, const void *in,
	    size_t n, void *out, size_t max, size_t *got, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT unless "in" is one frame of exactly "want" bytes. */
int	 zstd_block_unpack(struct zstd_block *, const void *in, size_t n,
	    void *out, size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_ZSTD_H */
