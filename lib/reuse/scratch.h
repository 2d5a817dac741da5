/* SPDX-License-Identifier: ISC */
#ifndef REUSE_SCRATCH_H
#define REUSE_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypt/hash.h"
#include "stream/sink.h"

/*
 * A file without a name, for what one process writes and reads back.  It
 * vanishes with the process.  Failures are ERR_LOCAL.
 */
struct scratch {
	int		 fd;
	uint64_t	 len;		/* bytes that were put */
	size_t		 n;		/* the last of them, in buf */
	uint8_t		 buf[64 << 10];
};

int	 scratch_new(struct scratch **out, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 scratch_free(struct scratch *);		/* NULL is fine */

/* Add "n" bytes at the end. */
int	 scratch_put(struct scratch *, const void *p, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4)));

/* Read the "n" bytes from offset "at" on, all of which were put before. */
int	 scratch_get(struct scratch *, uint64_t at, void *p, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Write all of it to the sink, and add it to "passed" unless that is NULL. */
int	 scratch_copy(struct scratch *, struct sink *, struct hash *passed,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* REUSE_SCRATCH_H */
