/* SPDX-License-Identifier: ISC */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/sink.h"

/*
 * Compression of streams, by liblzma and libzstd.  The numbers are those of
 * lib/FORMAT.md, 4, and never change.
 */
enum codec {
	CODEC_NONE = 0,
	CODEC_XZ = 1,
	CODEC_ZSTD = 2,
	CODEC_WAL = 3		/* segments and their .partial files only */
};

struct codec_spec {
	enum codec	 codec;
	int		 level;		/* xz 0 to 9, zstd 1 to 19, none 0;
					   wal 1, and 2 for "small" */
};

/* "xz", "zstd", "wal" or "none"; NULL if no codec has that number. */
const char *codec_name(unsigned codec);

/* ERR_CONFIG unless the codec exists and has that level. */
int	 codec_check(struct codec_spec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stack a compressor.  CODEC_NONE stacks nothing.  ERR_CONFIG if the codec
 * does not have that level.
 *
 * xz uses lc=1, lp=3, pb=3, which suits WAL and data pages, whose records and
 * items are aligned to 8 bytes: the result is about 3.6 % smaller than with
 * the preset's own values, at the same speed.  Memory: about 3 MiB for xz 0
 * (94 for xz 6), about 4 MiB for zstd 3.
 */
int	 codec_sink_stack(struct sink **head, struct codec_spec, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stack a decompressor.  ERR_CORRUPT if the input is not exactly one
 * well-formed stream of "codec", if a byte follows its end, if the output is
 * not exactly "size" bytes (with CODEC_NONE, too; an excess is never passed
 * on), or if the codec is unknown.
 *
 * Neither codec carries a checksum: changed bytes may decompress to other
 * content of the same size.  So the input must have been authenticated
 * before; then these checks find only what a writer did wrong.
 *
 * The writer chose the window and so the memory that this takes: up to 80 MiB
 * for xz and 128 MiB for zstd.  What this program writes takes at most 9 MiB
 * with any level of zstd, 9 MiB with xz up to level 6, 300 KiB with xz 0.
 */
int	 codec_unsink_stack(struct sink **head, unsigned codec, uint64_t size,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODEC_H */
