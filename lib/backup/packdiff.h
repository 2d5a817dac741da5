/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_PACKDIFF_H
#define BACKUP_PACKDIFF_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec_block.h"

/*
 * Differences (lib/FORMAT.md, 5): the pages of a chunk that are not as its base
 * has them, as they are sealed in a pack.  A set of pages is a bitmap: page i
 * is in it if bit i % 8, counted from the lowest, of byte i / 8 is set.
 * Nothing here reads or writes a file.
 */
#define PACKDIFF_PAGE		8192
#define PACKDIFF_CODEC		4	/* first byte of every difference */
#define PACKDIFF_STORED_MIN	20	/* sealed bytes, as PACK_STORED_MIN */

/* The bytes of a set for a chunk of "n" bytes. */
#define PACKDIFF_SET(n)		(((n) / PACKDIFF_PAGE + 7) / 8)
#define PACKDIFF_SET_MAX	PACKDIFF_SET(CODEC_BLOCK_MAX)

/* How many pages of a chunk of "n" bytes are in the set; 0 if it is none. */
size_t	 packdiff_count(const uint8_t *set, size_t n);

/* Whether a chunk of "n" bytes can have a difference: it has whole pages. */
int	 packdiff_fits(size_t n);

/*
 * Make the difference of the chunk of "n" bytes at "p", packdiff_fits(n): the
 * pages in "set", of which there is at least one.  "room" is of "n" bytes and
 * is overwritten.  "out" has room for 2 + PACKDIFF_SET(n) + n bytes; *got of
 * them are used.
 */
int	 packdiff_encode(struct codec_block *, struct codec_spec,
	    const uint8_t *p, size_t n, const uint8_t *set, uint8_t *room,
	    uint8_t *out, size_t *got, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Put the pages of the difference of "len" bytes at "in" in their places in
 * the base of "n" bytes at "base".  "room" is of "n" bytes and is overwritten.
 * ERR_CORRUPT if it is no difference of a chunk of "n" bytes; then the base is
 * as it was.
 */
int	 packdiff_apply(struct codec_block *, const uint8_t *in, size_t len,
	    uint8_t *base, size_t n, uint8_t *room, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BACKUP_PACKDIFF_H */
