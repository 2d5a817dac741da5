/* SPDX-License-Identifier: ISC */
#ifndef CODEC_FLUSHED_H
#define CODEC_FLUSHED_H

#include "codec/codec.h"

/*
 * Compression of a stream that is read before it has ended (lib/FORMAT.md,
 * 14): after each piece everything up to it can be decompressed.  CODEC_NONE
 * copies.
 */
struct flushed;

/* ERR_CONFIG unless the codec is CODEC_NONE or CODEC_ZSTD, with that level. */
int	 flushed_encoder_new(struct flushed **, struct codec_spec,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Compress the next "n" bytes, and flush, into the "max" bytes at "out"; *got
 * is how many these are, 1 or more if n is.  8 KiB more than "n" are always
 * enough for 1 MiB; less is ERR_LOCAL.
 */
int	 flushed_encode(struct flushed *, const void *in, size_t n, void *out,
	    size_t max, size_t *got, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT for any other codec. */
int	 flushed_decoder_new(struct flushed **, unsigned codec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Decompress the next piece, of "n" bytes.  ERR_CORRUPT unless all of it is
 * used and the result is exactly "want" bytes, for which "out" has room.
 * After a failure only flushed_free() remains.  The writer chose how much
 * memory this takes, see codec_unsink_stack().
 */
int	 flushed_decode(struct flushed *, const void *in, size_t n, void *out,
	    size_t want, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 flushed_free(struct flushed *);	/* NULL is fine */

#endif /* CODEC_FLUSHED_H */
