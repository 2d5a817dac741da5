/* SPDX-License-Identifier: ISC */
#ifndef COLS_FRAME_H
#define COLS_FRAME_H

#include "cols/walk.h"

#define FRAME_SHORT	24U		/* SizeOfXLogShortPHD */
#define FRAME_LONG	40U		/* SizeOfXLogLongPHD */

/* The length of the header of the page that begins at this offset. */
unsigned frame_header(uint32_t pos);

/* The bytes that are left of the page in which "pos" lies. */
uint32_t frame_left(uint32_t pos);

/*
 * Whether "p" is the header of the page at the walk's position: a magic that
 * is known, the right address, flags that this knows.  The first page of all
 * says what the address of others is to be.
 */
int	 frame_plausible(const struct walk *, const uint8_t *p)
	    __attribute__((nonnull));

/*
 * The segment's bytes: pass over "n", which are at "p" where the segment is
 * put together.  More than the piece has makes the walk bad.
 */
void	 frame_emit(struct walk *, const uint8_t *p, size_t n)
	    __attribute__((nonnull));

/*
 * Transfer the header of the page that begins here.  "in" is that header
 * where records are taken apart.  "rem" bytes are left of the record that
 * goes on here, if any does.
 */
void	 frame_page(struct walk *, const uint8_t *in, uint32_t rem)
	    __attribute__((nonnull(1)));

#endif /* COLS_FRAME_H */
