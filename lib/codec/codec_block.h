/* SPDX-License-Identifier: ISC */
#ifndef CODEC_CODEC_BLOCK_H
#define CODEC_CODEC_BLOCK_H

#include "codec/codec.h"
#include "codec/coder.h"

/*
 * Compress and decompress blocks of at most CODEC_BLOCK_MAX bytes, one at a
 * time, with the memory of one context that is used again and again.  One
 * thread at a time.
 */
#define CODEC_BLOCK_MAX	CODER_BLOCK_MAX

struct codec_block;

int	 codec_block_new(struct codec_block **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 codec_block_free(struct codec_block *);	/* NULL is fine */

/*
 * Compress "n" bytes into "out" of at least "n" bytes.  What does not shrink
 * is copied as it is; *codec says which of the two happened.  *got <= n.
 */
int	 codec_block_pack(struct codec_block *, struct codec_spec,
	    const void *in, size_t n, void *out, size_t *got,
	    uint8_t *codec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The reverse, for outside bytes: ERR_CORRUPT unless the result is exactly
 * "want" bytes, which "out" has room for.
 */
int	 codec_block_unpack(struct codec_block *, unsigned codec,
	    const void *in, size_t n, void *out, size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODEC_BLOCK_H */
