/* SPDX-License-Identifier: ISC */
/* CRC, hash and page hashes of a chunk. */
#include "pg/crc32c.h"
#include "push/chunkscan.h"

int
chunkscan_begin(struct chunkscan *s, const struct pagehash *how,
    struct err *e)
{
	s->crc = 0;
	s->n = 0;
	s->pages = 0;
	s->how = how;
	return (hash_new(&s->all, e));
}

void
chunkscan_add(struct chunkscan *s, const uint8_t *p, size_t n)
{
	s->crc = crc32c_update(s->crc, p, n);
	hash_add(s->all, p, n);
	s->n += n;
	if (s->how != NULL && n == PACKDIFF_PAGE)
		pagehash_of(s->how, p, n, s->page + s->pages++ *
		    PAGEHASH_LEN);
}

void
chunkscan_end(struct chunkscan *s)
{
	hash_final(s->all, s->hash);
	hash_free(s->all);
	s->all = NULL;
	if (!packdiff_fits(s->n))
		s->pages = 0;
}
