/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CHUNKSTORE_H
#define PUSH_CHUNKSTORE_H

#include <stdint.h>

#include "backup/pack.h"
#include "push/chunkscan.h"
#include "reuse/lastpages.h"

/*
 * Where a job stores chunks.  Differences have packs of their own: most of them
 * are superseded by the next push, and a pack in which little is in use is
 * stored again, with the whole chunks that lie in it.
 */
struct chunkstore {
	struct pack_writer *whole, *diffs;
};

/*
 * Store chunk "no" of a file: "s->n" bytes at "p", which were scanned.  "old"
 * is what an earlier backup has there, or NULL.  Nothing is stored of zeros, of
 * a chunk that is as "old" says, and of more than the pages that differ from
 * its base, if "pages" knows those of the base and few of them do.  Sets *ref,
 * and *had to the bytes that were stored earlier, as far as "old" tells.
 *
 * "pages" is what is known of the file; then it knows the base of this chunk,
 * if the scan or "pages" did.  Other chunks of it are left alone.
 */
int	 chunkstore_put(const struct chunkstore *, const uint8_t *p,
	    const struct chunkscan *s, const struct pack_ref *old,
	    struct lastpages_file *pages, uint64_t no, struct pack_ref *ref,
	    size_t *had, struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 3, 5, 7, 8, 9)));

#endif /* PUSH_CHUNKSTORE_H */
