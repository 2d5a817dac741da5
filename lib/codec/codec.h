/* SPDX-License-Identifier: ISC */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/sink.h"

/*
 * Compression, by liblzma and libzstd.  The numbers are those of
 * lib/FORMAT.md and never change.
 */
enum codec {
	CODEC_NONE = 0,
	CODEC_XZ = 1,
	CODEC_ZSTD = 2
};

struct codec_spec {
	enum codec	 codec;
	int		 level;		/* xz 0 to 9, zstd 1 to 19, none 0 */
};

/* "xz", "zstd" or "none"; NULL for a number that is no codec. */
const char *codec_name(unsigned codec);

/* ERR_CONFIG unless the codec exists and has that level. */
int	 codec_check(struct codec_spec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stack a compressor; ERR_CONFIG for a level that it does not have.  xz uses
 * lc=1, lp=3, pb=3, which suits WAL and data pages (records and items aligned
 * to 8 bytes): about 3.6 % smaller than the preset's own at the same speed.
 * CODEC_NONE stacks nothing.  Memory: xz 0 about 3 MiB (xz 6: 94), zstd 3
 * about 4 MiB.
 */
int	 codec_sink_stack(struct sink **head, struct codec_spec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stack a decompressor.  ERR_CORRUPT for anything that is not exactly one
 * well-formed stream of "codec", for a byte after its end, for an output that
 * is not exactly "size" bytes (checked before the excess is passed on; also
 * with CODEC_NONE), and for an unknown codec.
 *
 * Neither codec carries a checksum: bytes that were changed may decompress
 * to other content of the same size.  So what is fed here must have been
 * authenticated; then these checks find only what a writer did wrong.
 *
 * Memory is the window that the writer chose: up to 80 MiB for xz, 128 MiB
 * for zstd; no more than 9 MiB for any level of this zstd compressor and for
 * xz up to level 6, 300 KiB for xz 0.
 */
int	 codec_unsink_stack(struct sink **head, unsigned codec, uint64_t size,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODEC_H */
