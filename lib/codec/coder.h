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
 * What a streaming compressor or decompressor is to the rest of this room:
 * something that is fed and drained.  The pipeline stage around it is the
 * same for all of them.
 */
struct coder_io {
	const uint8_t	*in;		/* step() advances these ... */
	size_t		 in_n;
	uint8_t		*out;		/* ... and these */
	size_t		 out_n;
	int		 last;		/* nothing follows what is in "in" */
	int		 ended;		/* set: the last output was made */
};

struct coder {
	/* Consume or produce something, if there is anything to do. */
	int		 (*step)(struct coder *, struct coder_io *,
			    struct err *);
	void		 (*free)(struct coder *);
	const char	*name;		/* for messages */
	size_t		 out_n;		/* buffer that it works best with */
	int		 decodes;
};

/*
 * Stack a stage that drives the coder and owns it, also when this fails.
 * One that decodes must reach its end exactly with the input's: ERR_CORRUPT
 * otherwise.
 */
int	 coder_sink_stack(struct sink **head, struct coder *own, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_CODER_H */
