/* SPDX-License-Identifier: ISC */
#ifndef COLS_INDEX_H
#define COLS_INDEX_H

#include "cols/walk.h"

/*
 * Index tuples, one behind the other at multiples of 8, in "n" bytes; what
 * does not look like one is raw.
 */
void	 index_tuples(struct walk *, struct idxfields *, uint8_t *p, size_t n)
	    __attribute__((nonnull));

/* One of "n" bytes, 8 or more. */
void	 index_tuple(struct walk *, struct idxfields *, uint8_t *p, size_t n)
	    __attribute__((nonnull));

#endif /* COLS_INDEX_H */
