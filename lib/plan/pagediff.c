/* SPDX-License-Identifier: ISC */
/* The choice between a difference and a new base. */
#include <string.h>

#include "plan/pagediff.h"

static int
is_none(const uint8_t *hash)
{
	static const uint8_t	 none[PAGEDIFF_HASH];

	return (memcmp(hash, none, PAGEDIFF_HASH) == 0);
}

/*
 * Half of the pages is the limit: with pages that change at random a chunk is
 * then stored whole every few nights, and the repository holds less than twice
 * of what a backup needs.
 */
size_t
pagediff_choose(const uint8_t *base, size_t room, const uint8_t *now,
    size_t pages, uint8_t *set)
{
	size_t	 i, n = 0;

	memset(set, 0, (pages + 7) / 8);
	if (pages == 0 || pages > room ||
	    is_none(base + (pages - 1) * PAGEDIFF_HASH) ||
	    (pages < room && !is_none(base + pages * PAGEDIFF_HASH)))
		return (0);
	for (i = 0; i < pages; i++)
		if (memcmp(base + i * PAGEDIFF_HASH, now + i * PAGEDIFF_HASH,
		    PAGEDIFF_HASH) != 0) {
			set[i / 8] |= (uint8_t)(1 << i % 8);
			n++;
		}
	return (2 * n <= pages ? n : 0);
}
