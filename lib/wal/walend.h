/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALEND_H
#define WAL_WALEND_H

#include <stdint.h>

#include "base/err.h"
#include "repo/archive.h"

/*
 * Whether WAL may end before a segment that is absent.  PostgreSQL takes an
 * absent segment for the end of WAL: it ends recovery there and opens the
 * database.  If the segment was lost, or is still on its way, that would
 * leave out what was archived behind it.  Such a gap is ERR_REMOTE: the
 * segment may yet arrive.
 *
 * "name" is a WAL file that the repository does not have.  For names of other
 * files than segments both functions return 0.
 */

/*
 * List the folders of the segment's timeline, from its own on.  Returns 0 if
 * no later file of that timeline is there, or -1: ERR_REMOTE if there is one,
 * or if the segment itself is there by now.  *open, which is set in any case,
 * says whether the segment has an open object (lib/FORMAT.md, 14).
 */
int	 walend_later(struct archive *, const char *name, int *open,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read the histories of all higher timelines, as far as they are authentic.
 * Returns 0 if none of these timelines left the segment's own behind the
 * segment, or -1: ERR_REMOTE if one did.  Without a .restore key no history
 * can be read, and that is -1.  If "segsize" is not one that PostgreSQL can
 * have, or does not fit the name, nothing is known and 0 is returned.
 */
int	 walend_left(struct archive *, const char *name, uint64_t segsize,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * For an open object in the segment's place, whose run ends at LSN "end":
 * whether the segment's timeline was left by none.  Returns 0, or -1:
 * ERR_REMOTE if a history says that a higher timeline came from this one,
 * anywhere but at "end", and ERR_CORRUPT if a history above it is not
 * authentic.  Needs a .restore key.
 */
int	 walend_alone(struct archive *, const char *name, uint64_t end,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALEND_H */
