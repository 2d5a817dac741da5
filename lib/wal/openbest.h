/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENBEST_H
#define WAL_OPENBEST_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"
#include "wal/openlist.h"

/* Which of the open objects of one segment counts: the one with most WAL. */
struct openbest {
	unsigned	 number;	/* 0: none has any WAL */
	uint64_t	 end;		/* LSN behind its run; if there is none,
					 * the segment's first byte */
};

/*
 * Read those that "list" names to their ends, and compare them.  The key is a
 * .restore key.  Returns 0 or -1:
 *
 *   - ERR_CORRUPT if one has a header that is refused (wal/openread.h): it may
 *     be the one with most.  Or if two differ in the WAL that both have.
 *   - ERR_REMOTE if one is gone by now.
 */
int	 openbest_find(struct openbest *, struct archive *,
	    const struct openlist *list, const struct walname *segment,
	    uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_REMOTE: an open object is not what it was a moment ago. */
int	 openbest_changed(struct archive *, const struct walname *segment,
	    unsigned number, struct err *) __attribute__((nonnull));

#endif /* WAL_OPENBEST_H */
