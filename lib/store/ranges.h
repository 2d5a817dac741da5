/* SPDX-License-Identifier: ISC */
#ifndef STORE_RANGES_H
#define STORE_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A queue of byte ranges of a file, taken off from its front in pieces.
 * Neighbours become one.  The last may be open (STORE_TO_END long).
 */
struct range {
	uint64_t	 off, n;	/* n is UINT64_MAX for an open one */
};

struct ranges {
	struct range	*list;
	size_t		 first, n, room;
};

/* ERR_LOCAL for memory, a range behind an open one, one beyond 2^63. */
int	 ranges_add(struct ranges *, uint64_t off, uint64_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take at most "max" bytes; *open says whether it belongs to an open range.
 * Returns the length, 0 where the queue is empty. */
size_t	 ranges_take(struct ranges *, size_t max, uint64_t *off, int *open);

/* Drop an open range: the end of the file was found. */
void	 ranges_end(struct ranges *);
void	 ranges_free(struct ranges *);

#endif /* STORE_RANGES_H */
