/* SPDX-License-Identifier: ISC */
/*
 * How a chunk is stored.  A difference that does not fit its base would be a
 * chunk that nobody can restore.  So what is known of a base is used only while
 * it is that of the very reference that the difference will have.
 */
#include <string.h>

#include "plan/pagediff.h"
#include "push/chunkstore.h"

_Static_assert(PAGEDIFF_HASH == PAGEHASH_LEN, "hashes of one length");

/* The chunk is its own base now; the mark is made once all is known. */
static void
learn(struct lastpages_file *pages, uint64_t no, const struct chunkscan *s)
{
	uint8_t	*to;

	if (no >= pages->chunks)
		return;
	to = lastpages_hashes(pages, no);
	memset(lastpages_mark(pages, no), s->pages > 0 ? 0xff : 0,
	    PAGEHASH_LEN);
	memset(to, 0, pages->pages * PAGEHASH_LEN);
	memcpy(to, s->page, s->pages * PAGEHASH_LEN);
}

/* Which pages differ from the base of "old"; 0: store the whole chunk. */
static size_t
choose(const struct chunkscan *s, const struct pack_ref *old,
    const struct lastpages_file *pages, uint64_t no, uint8_t *set)
{
	if (old == NULL || s->pages == 0 || !lastpages_known(pages, no))
		return (0);
	return (pagediff_choose(lastpages_hashes(pages, no), pages->pages,
	    s->page, s->pages, set));
}

int
chunkstore_put(const struct chunkstore *c, const uint8_t *p,
    const struct chunkscan *s, const struct pack_ref *old,
    struct lastpages_file *pages, uint64_t no, struct pack_ref *ref,
    size_t *had, struct err *e)
{
	uint8_t	 set[PACKDIFF_SET_MAX];
	size_t	 n;

	*had = 0;
	if (pack_is_zeros(p, s->n)) {
		memset(ref, 0, sizeof(*ref));
		if (no < pages->chunks)
			memset(lastpages_mark(pages, no), 0, PAGEHASH_LEN);
		return (0);
	}
	if (old != NULL && memcmp(s->hash, old->hash, HASH_LEN) == 0) {
		*ref = *old;
		*had = s->n;
		if (old->diff.pack == 0)
			learn(pages, no, s);
		return (0);
	}
	if ((n = choose(s, old, pages, no, set)) > 0) {
		*had = s->n - n * PACKDIFF_PAGE;
		return (pack_writer_diff(c->diffs, p, s->n, s->hash, set, old,
		    ref, e));
	}
	learn(pages, no, s);
	return (pack_writer_put(c->whole, p, s->n, s->hash, ref, e));
}
