/* SPDX-License-Identifier: ISC */
/*
 * WAL into columns and back: whatever the bytes are, they come back.  The
 * first byte says whether page header and magic are made plausible, so that
 * more than raw bytes is reached, and at which offset pieces end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cols/model.h"
#include "cols/piece.h"
#include "pg/crc32c.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MAX	(64U << 10)

static const uint16_t	 magic[] = {
	0xd106, 0xd10d, 0xd110, 0xd113, 0xd116, 0xd118
};

/* Headers of pages, and lengths and CRCs of records, as PostgreSQL would. */
static void
mend(uint8_t *p, size_t n, unsigned how)
{
	uint32_t	 len, crc;
	size_t		 page, at;

	for (page = 0; page + 40 <= n; page += 8192) {
		memset(p + page, 0, page == 0 ? 40 : 24);
		little_put(p + page, 2, magic[how % 6]);
		p[page + 2] = page == 0 ? 2 : 0;
		p[page + 4] = 1;
		little_put(p + page + 8, 8, 0x1000000 + page);
		p[37] = 0x20;
		at = page + (page == 0 ? 40 : 24);
		while (at + 32 <= n && at + 32 <= page + 8192) {
			len = 24 + little_u32(p + at) % 2000;
			if (len > page + 8192 - at || len > n - at)
				break;
			little_put(p + at, 4, len);
			p[at + 18] = p[at + 19] = 0;
			crc = crc32c_update(0, p + at + 24, len - 24);
			crc = crc32c_update(crc, p + at, 20);
			little_put(p + at + 20, 4, crc);
			at += len;
			while (at % 8 != 0 && at < n)
				p[at++] = 0;
		}
	}
}

static void
there_and_back(uint8_t *p, size_t n, size_t most)
{
	static struct walk	*split, *join;
	static struct columns	*c;
	size_t			 at, k, used;

	if (c == NULL && ((split = model_new(0)) == NULL ||
	    (join = model_new(1)) == NULL || (c = column_new()) == NULL))
		abort();
	piece_skip(split, 0, 0);
	piece_skip(join, 0, 0);
	for (at = 0; at < n; at += used) {
		k = n - at < most ? n - at : most;
		column_clear(c);
		used = piece_split(split, c, p + at, k, at + k == n);
		if (used == 0)
			abort();
		column_rewind(c, COLUMN_MAX);
		if (piece_check(join, c, p + at, used))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t n)
{
	static uint8_t	 p[MAX];

	if (n < 2 || n - 1 > MAX)
		return (0);
	memcpy(p, in + 1, n - 1);
	if (in[0] & 1)
		mend(p, n - 1, in[0] >> 2);
	there_and_back(p, n - 1, in[0] & 2 ? 16384 : MAX);
	return (0);
}
