/* SPDX-License-Identifier: ISC */
#ifndef REPO_SEALED_H
#define REPO_SEALED_H

#include <stdint.h>

#include "crypt/head.h"
#include "stream/sink.h"

/*
 * A whole sealed object in memory, which was made once and is put into several
 * repositories, each getting the same bytes.  It never changes, so threads may
 * share it; each has a reference of its own.
 */
struct sealed {
	struct head	 head;
	uint8_t		 header[HEAD_MAX];	/* head.len bytes of it */
	uint8_t		*payload;
	size_t		 n;			/* bytes of the payload */
	unsigned	 references;		/* atomic */
};

/* A file of more bytes than this is sealed for each repository by itself. */
#define SEALED_MAX	((uint64_t)64 << 20)

/* An empty one, with one reference.  ERR_LOCAL for memory. */
int	 sealed_new(struct sealed **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add to the payload; before it is shared.  ERR_LOCAL for memory. */
int	 sealed_add(struct sealed *, const void *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* One more reference to it. */
struct sealed *sealed_share(struct sealed *) __attribute__((nonnull));

/* Give up a reference; the last one frees it.  NULL is fine. */
void	 sealed_free(struct sealed *);

#endif /* REPO_SEALED_H */
