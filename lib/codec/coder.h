/* SPDX-License-Identifier: ISC */
#ifndef CODEC_CODER_H
#define CODEC_CODER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/sink.h"

/* The longest block that is compressed in one call, in bytes. */
#define CODER_BLOCK_MAX	(4 << 20)

/*
 * A streaming compressor or decompressor, as the rest of this room sees it: it
 * is fed and drained.  One pipeline stage drives them all.
 */
struct coder_io {
	const uint8_t	*in;		/* step() advances in ... */
	size_t		 in_n;		/* (bytes left) */
	uint8_t		*out;		/* ... and out */
	size_t		 out_n;		/* (room left) */
	int		 last;		/* nothing follows what is in "in" */
	int		 ended;		/* set by step(): no output follows */
};

struct coder {
	/* Consume or produce something, if there is anything to do. */
	int		 (*step)(struct coder *, struct coder_io *,
			    struct err *);
	void		 (*free)(struct coder *);
	const char	*name;		/* for messages */
	size_t		 out_n;		/* the best size of its output */
	int		 decodes;
};

/*
 * Stack a stage that drives the coder.  Owns it, also on failure.  A stream
 * that is decoded must end exactly where the input does, else ERR_CORRUPT.
 */
int	 coder_sink_stack(struct sink **head, struct coder *own, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODER_H */
