/* SPDX-License-Identifier: ISC */
#ifndef COLS_FIELD_H
#define COLS_FIELD_H

#include "cols/walk.h"

/*
 * Numbers of 1 to 8 bytes, little-endian, as differences from what predicts
 * them, in planes: one column for each byte.  Functions transfer the number
 * at "p" and return it.
 */

/* Predicted by nothing. */
uint64_t field_plain(struct walk *, struct field *, uint8_t *p,
	    unsigned width) __attribute__((nonnull));

/* Predicted by this number. */
uint64_t field_near(struct walk *, struct field *, uint8_t *p,
	    unsigned width, uint64_t pred) __attribute__((nonnull));

/*
 * Predicted by nothing, by the last number of this field, or by one of the
 * "n" at "more", 3 at most: by what would have been cheapest so far.
 */
uint64_t field_pick(struct walk *, struct field *, uint8_t *p,
	    unsigned width, const uint64_t *more, unsigned n)
	    __attribute__((nonnull(1, 2, 3)));

/* The same without "more". */
uint64_t field_last(struct walk *, struct field *, uint8_t *p,
	    unsigned width) __attribute__((nonnull));

/*
 * "n" bytes of a row as words of four bytes, from field "from" of WALK_WORDS
 * on; what no predictor makes cheaper, and what remains, is text.
 */
void	 field_words(struct walk *, struct field *, unsigned from, uint8_t *p,
	    size_t n) __attribute__((nonnull));

#endif /* COLS_FIELD_H */
