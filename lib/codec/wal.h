/* SPDX-License-Identifier: ISC */
#ifndef CODEC_WAL_H
#define CODEC_WAL_H

#include "base/err.h"
#include "stream/sink.h"

/*
 * WAL segments as columns (cols/piece.h), compressed by zstd.  Only codec.c
 * calls this, and checks levels first.
 *
 * Each piece of 4 MiB is put together again and compared before it is passed
 * on.  One that does not come back bit for bit, and every piece of a file that
 * is no segment of a known version, is compressed as it is.
 *
 * Takes about 18 to 23 MiB of memory at level 1 and 24 to 29 MiB at level 2, by
 * what the segment holds; up to 8 MiB more for one of many pieces.
 */
int	 wal_sink_stack(struct sink **head, int level, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What a piece of the stream is. */
#define WAL_VERSION	1
enum {
	WAL_END = 0,
	WAL_COLUMNS = 1,
	WAL_PLAIN = 2
};

#endif /* CODEC_WAL_H */
