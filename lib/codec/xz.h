/* SPDX-License-Identifier: ISC */
#ifndef CODEC_XZ_H
#define CODEC_XZ_H

#include <stddef.h>

#include "base/err.h"
#include "codec/coder.h"

/*
 * LZMA2 in one .xz stream without integrity check, by liblzma.  Only codec.c
 * and codec_block.c call this, and they check levels first.
 *
 * The encoder takes about 3 MiB of memory at level 0 and 94 MiB at level 6,
 * the decoder little more than the dictionary, which is at most 64 MiB.
 */
int	 xz_encoder_new(struct coder **, int level, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 xz_decoder_new(struct coder **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whole blocks, one a call, in memory that serves all of them. */
struct xz_block;

int	 xz_block_new(struct xz_block **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 xz_block_free(struct xz_block *);		/* NULL is fine */

/* Returns 0 and *got, 1 if the result has no room in "max" bytes, or -1. */
int	 xz_block_pack(struct xz_block *, int level, const void *in, size_t n,
	    void *out, size_t max, size_t *got, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT unless "in" is one stream of exactly "want" bytes. */
int	 xz_block_unpack(struct xz_block *, const void *in, size_t n,
	    void *out, size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_XZ_H */
