/* SPDX-License-Identifier: ISC */
#ifndef STREAM_MEM_H
#define STREAM_MEM_H

#include <stddef.h>

#include "stream/sink.h"

/*
 * A last stage that gathers what it is given, for small objects.  "m" is
 * zero at first, is the caller's, and outlives the sink; m->p, which the
 * caller frees in any case, is valid once the sink was finished, and a NUL
 * that m->n does not count follows.  More than "max" bytes are ERR_CORRUPT.
 */
struct mem {
	char	*p;
	size_t	 n, room, max;
};

int	 mem_sink_open(struct sink **, struct mem *m, size_t max,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* STREAM_MEM_H */
