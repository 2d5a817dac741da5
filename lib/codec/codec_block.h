/* SPDX-License-Identifier: ISC */
#ifndef CODEC_CODEC_BLOCK_H
#define CODEC_CODEC_BLOCK_H

#include "codec/codec.h"
#include "codec/coder.h"

/*
 * Compress and decompress blocks of at most CODEC_BLOCK_MAX bytes, each whole,
 * in the memory of one context that serves all of them.  One thread at a time
 * uses a context.
 */
#define CODEC_BLOCK_MAX	CODER_BLOCK_MAX

struct codec_block;

int	 codec_block_new(struct codec_block **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 codec_block_free(struct codec_block *);	/* NULL is fine */

/*
 * Compress "n" bytes into "out", which has room for "n".  A block that does
 * not shrink is copied unchanged.  *got is how many bytes "out" holds then,
 * *codec the number of the codec, or CODEC_NONE.
 */
int	 codec_block_pack(struct codec_block *, struct codec_spec,
	    const void *in, size_t n, void *out, size_t *got,
	    uint8_t *codec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Decompress "n" bytes.  ERR_CORRUPT unless they are one well-formed block of
 * "codec" and the result is exactly "want" bytes, for which "out" has room.
 */
int	 codec_block_unpack(struct codec_block *, unsigned codec,
	    const void *in, size_t n, void *out, size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODEC_BLOCK_H */
