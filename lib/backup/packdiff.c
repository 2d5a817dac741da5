/* SPDX-License-Identifier: ISC */
/*
 * Differences of chunks.  They are authentic when they come here, which proves
 * no more than that somebody with a .push key made them: set and length are
 * judged before a page of the base is touched.
 */
#include <assert.h>
#include <string.h>

#include "backup/packdiff.h"
#include "base/bytes.h"

_Static_assert(PACKDIFF_CODEC > CODEC_WAL, "no codec of a whole chunk");

int
packdiff_fits(size_t n)
{
	return (n > 0 && n <= CODEC_BLOCK_MAX && n % PACKDIFF_PAGE == 0);
}

static int
is_set(const uint8_t *set, size_t i)
{
	return (set[i / 8] >> i % 8 & 1);
}

/* A bit behind the last page makes it no set of this chunk. */
size_t
packdiff_count(const uint8_t *set, size_t n)
{
	size_t	 i, pages = 0;

	for (i = 0; i < 8 * PACKDIFF_SET(n); i++)
		if (is_set(set, i)) {
			if (i >= n / PACKDIFF_PAGE)
				return (0);
			pages++;
		}
	return (pages);
}

/* The pages of the set, one behind the other; returns their bytes. */
static size_t
gather(uint8_t *to, const uint8_t *p, size_t n, const uint8_t *set)
{
	size_t	 i, got = 0;

	for (i = 0; i < n / PACKDIFF_PAGE; i++)
		if (is_set(set, i)) {
			memcpy(to + got, p + i * PACKDIFF_PAGE, PACKDIFF_PAGE);
			got += PACKDIFF_PAGE;
		}
	return (got);
}

int
packdiff_encode(struct codec_block *b, struct codec_spec spec,
    const uint8_t *p, size_t n, const uint8_t *set, uint8_t *room,
    uint8_t *out, size_t *got, struct err *e)
{
	const size_t	 head = 2 + PACKDIFF_SET(n);
	size_t		 len;

	assert(packdiff_fits(n));
	len = gather(room, p, n, set);
	assert(len > 0);
	out[0] = PACKDIFF_CODEC;
	memcpy(out + 2, set, PACKDIFF_SET(n));
	if (codec_block_pack(b, spec, room, len, out + head, got, out + 1,
	    e))
		return (-1);
	*got += head;
	return (0);
}

int
packdiff_apply(struct codec_block *b, const uint8_t *in, size_t len,
    uint8_t *base, size_t n, uint8_t *room, struct err *e)
{
	struct bytes	 from = bytes_of(in, len);
	const unsigned	 kind = bytes_u8(&from), codec = bytes_u8(&from);
	const uint8_t	*set, *at = room;
	size_t		 i, pages;

	if (!packdiff_fits(n) || kind != PACKDIFF_CODEC ||
	    (set = bytes_take(&from, PACKDIFF_SET(n))) == NULL ||
	    (pages = packdiff_count(set, n)) == 0)
		return (err_set(e, ERR_CORRUPT, "not a difference of a chunk "
		    "of %zu bytes", n));
	if (codec_block_unpack(b, codec, from.p, from.left, room,
	    pages * PACKDIFF_PAGE, e))
		return (-1);
	for (i = 0; i < n / PACKDIFF_PAGE; i++)
		if (is_set(set, i)) {
			memcpy(base + i * PACKDIFF_PAGE, at, PACKDIFF_PAGE);
			at += PACKDIFF_PAGE;
		}
	return (0);
}
