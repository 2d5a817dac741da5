/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PAGEDIFF_H
#define PLAN_PAGEDIFF_H

#include <stddef.h>
#include <stdint.h>

/*
 * Whether a changed chunk is stored as a difference over its base
 * (lib/FORMAT.md, 5 and 7), by the hashes of both chunks' pages.  A hash has
 * PAGEDIFF_HASH bytes; one of zeros stands for no page.
 */
#define PAGEDIFF_HASH	16

/*
 * "base" has the hashes of "room" pages, of which the last are zeros if the
 * base has fewer; "now" has those of the chunk's "pages", at most as many.
 * Sets in "set" (a bit for each page, from the lowest of each byte; all bytes
 * for "pages" are written) the pages that differ.
 *
 * Returns how many these are if a difference is to be stored.  Returns 0 if the
 * whole chunk is: more than half of its pages differ, the base has another
 * length, or none differs, which cannot be of a chunk that changed.
 */
size_t	 pagediff_choose(const uint8_t *base, size_t room,
	    const uint8_t *now, size_t pages, uint8_t *set);

#endif /* PLAN_PAGEDIFF_H */
