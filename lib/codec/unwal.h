/* SPDX-License-Identifier: ISC */
#ifndef CODEC_UNWAL_H
#define CODEC_UNWAL_H

#include "base/err.h"
#include "stream/sink.h"

/*
 * Stack the reader of what codec/wal.h makes.  Only codec.c calls this.
 * ERR_CORRUPT if it is anything else, or does not end where it should.
 *
 * Takes at most 40 MiB of memory, and 18 MiB for what the writer here makes.
 */
int	 unwal_sink_stack(struct sink **head, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CODEC_UNWAL_H */
