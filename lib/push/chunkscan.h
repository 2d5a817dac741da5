/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CHUNKSCAN_H
#define PUSH_CHUNKSCAN_H

#include <stddef.h>
#include <stdint.h>

#include "backup/packdiff.h"
#include "crypt/hash.h"
#include "crypt/pagehash.h"

/*
 * All that a push computes of a chunk, in one pass over its pages while each is
 * in the processor's cache.
 *
 *	if (chunkscan_begin(&s, hashes, e))
 *		goto out;
 *	for each page: chunkscan_add(&s, page, n);
 *	chunkscan_end(&s);
 */
#define CHUNKSCAN_PAGES	(CODEC_BLOCK_MAX / PACKDIFF_PAGE)

struct chunkscan {
	uint32_t	 crc;
	uint8_t		 hash[HASH_LEN];	/* of the whole */
	size_t		 n;			/* bytes */
	size_t		 pages;			/* that have a hash */
	uint8_t		 page[CHUNKSCAN_PAGES * PAGEHASH_LEN];

	/* For chunkscan.c. */
	struct hash	*all;
	const struct pagehash *how;
};

/* "how" is borrowed; NULL: pages get no hashes.  After a failure, no end. */
int	 chunkscan_begin(struct chunkscan *, const struct pagehash *how,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/* The next page: PACKDIFF_PAGE bytes, or at the end of the chunk fewer. */
void	 chunkscan_add(struct chunkscan *, const uint8_t *p, size_t n)
	    __attribute__((nonnull));

/* Also to give it up.  If the last page was not whole, none has a hash. */
void	 chunkscan_end(struct chunkscan *) __attribute__((nonnull));

#endif /* PUSH_CHUNKSCAN_H */
