/* SPDX-License-Identifier: ISC */
#ifndef CODEC_LANE_H
#define CODEC_LANE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/sink.h"

/*
 * One of several Zstandard frames that share a stream (lib/FORMAT.md, 15).
 * What a frame gives at a time goes into the stream as parcels: two bytes of
 * length, big-endian, and as many bytes; one of no bytes ends a run of them.
 */
struct lane;

#define LANE_WINDOW	23	/* the largest window of a frame, a power */

struct lane_form {
	int		 level;		/* of zstd */
	int		 window;	/* binary logarithms: of the frame's
					 * window, */
	int		 tables;	/* and of its tables; 0: the level's */
};

int	 lane_encoder_new(struct lane **, struct lane_form, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Compress "n" bytes; "block": what follows is of another kind. */
int	 lane_put(struct lane *, struct sink *out, const void *p, size_t n,
	    int block, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * End a run.  ERR_LOCAL if what was written does not decompress to what was
 * compressed: memory or libzstd is broken.
 */
int	 lane_end(struct lane *, struct sink *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

int	 lane_decoder_new(struct lane **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Decompress "n" bytes, which are part of a parcel; what they give goes to
 * take().  ERR_CORRUPT if they are none of one frame.
 */
int	 lane_get(struct lane *, const uint8_t *p, size_t n,
	    int (*take)(void *, const uint8_t *, size_t, struct err *),
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 lane_free(struct lane *);		/* NULL is fine */

#endif /* CODEC_LANE_H */
