/* SPDX-License-Identifier: ISC */
#ifndef STREAM_MEM_H
#define STREAM_MEM_H

#include <stddef.h>

#include "stream/sink.h"

/*
 * Open a last stage that gathers what it is given, for small objects.  The
 * caller owns "m", zeroes it first, and keeps it longer than the sink.  Once
 * the sink was finished m->p holds m->n bytes, and a NUL behind them.  The
 * caller frees m->p in any case.  More than "max" bytes are ERR_CORRUPT.
 */
struct mem {
	char	*p;
	size_t	 n, room, max;
};

int	 mem_sink_open(struct sink **, struct mem *m, size_t max,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_MEM_H */
