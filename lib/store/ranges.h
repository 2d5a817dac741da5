/* SPDX-License-Identifier: ISC */
#ifndef STORE_RANGES_H
#define STORE_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A queue of byte ranges of a file, added at its end and taken off its front
 * in pieces.  Adjacent ranges become one.  The last one may be open: it ends
 * where the file ends, which nobody knows yet.
 */
struct range {
	uint64_t	 off, n;	/* n is UINT64_MAX for an open one */
};

struct ranges {
	struct range	*list;
	size_t		 first, n, room;
};

/*
 * Add "n" bytes at "off"; n = UINT64_MAX adds an open range.  ERR_LOCAL for a
 * lack of memory, a range behind an open one, or one beyond 2^63.
 */
int	 ranges_add(struct ranges *, uint64_t off, uint64_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Take at most "max" bytes.  Returns how many, from *off on, or 0 if the
 * queue is empty; *open says whether they belong to the open range.
 */
size_t	 ranges_take(struct ranges *, size_t max, uint64_t *off, int *open);

/* Drop the open range, if there is one: the end of the file was found. */
void	 ranges_end(struct ranges *);
void	 ranges_free(struct ranges *);

#endif /* STORE_RANGES_H */
