/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENFETCH_H
#define WAL_OPENFETCH_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * Fetch what was streamed of a segment that was never completed: the longest
 * run of its open objects, followed by zeros up to the size of a segment,
 * which PostgreSQL takes for the end of WAL (lib/FORMAT.md, 14).  If the run
 * is the whole segment, the last record of it is made invalid, so that recovery
 * ends within the segment.
 *
 * Only for a recovery that ends with promotion (recovery.signal), and only
 * after walarchive_fetch() has returned WALFETCH_STREAMED for "name": then the
 * segment is absent, and nothing later is there.  The file at "path" must
 * never be archived under its name, so before it appears it is noted in the
 * data directory "dir" (padded.h).  The key is a .restore key.
 *
 * Returns 0, and in *end the position behind the last byte that is no padding;
 * 1 if nothing of the segment was streamed; or -1, and "path" is untouched
 * (ERR_LOCAL if the note cannot be made):
 *
 *   - ERR_REMOTE if a history says that another timeline left this one, before
 *     the segment or in it, but not where the run ends: the missing segment is
 *     a gap then.  Or if the
 *     segment is there by now, or an object was removed meanwhile.
 *   - ERR_CORRUPT if one of the objects has a header that is refused (see
 *     wal/openread.h), if two differ in the WAL that both have, or if a
 *     history is not authentic.  The message names the object: moving it away
 *     is for a person to decide, since it may hold what was acknowledged.
 */
int	 openfetch_file(struct archive *, const char *name, const char *path,
	    const char *dir, uint64_t *end, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_OPENFETCH_H */
