/* SPDX-License-Identifier: ISC */
#ifndef CODEC_EXACT_H
#define CODEC_EXACT_H

#include <stdint.h>

#include "stream/sink.h"

/*
 * Stack a stage that lets exactly "size" bytes through.  ERR_CORRUPT if more
 * arrive; then nothing of the write that exceeds is passed on.  ERR_CORRUPT at
 * finish if there were fewer.
 */
int	 exact_sink_stack(struct sink **head, uint64_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_EXACT_H */
