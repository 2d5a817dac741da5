/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHWINDOW_H
#define PREFETCH_FETCHWINDOW_H

#include <stdint.h>

#include "pg/walname.h"

/*
 * The window of segments that are fetched ahead: those that follow the last
 * segment that was asked for and found, on its timeline.  It is empty before
 * there is such a segment.  It is also empty while requests go backwards, as
 * pg_rewind's do, and until one goes forwards again.
 */
#define FETCHWINDOW_BYTES ((uint64_t)1 << 30)	/* of its files, the most */
#define FETCHWINDOW_AHEAD 64u			/* segments, the most */

struct fetchwindow {
	uint32_t	 segsize;	/* bytes */
	unsigned	 ahead;		/* segments, the most */
	int		 known;		/* "last" is */
	struct walname	 last;
	int		 forwards;
	int		 stopped;	/* empty until it moves */
};

/*
 * A window of at most "ahead" segments, FETCHWINDOW_AHEAD segments and
 * FETCHWINDOW_BYTES.  It has none if "segsize" is not that of a cluster, as 0
 * for "not known".
 */
struct fetchwindow fetchwindow_of(uint64_t segsize, unsigned ahead);

/* Move the window behind "name" and return 1; 0 if that is no segment. */
int	 fetchwindow_move(struct fetchwindow *w, const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* Whether that segment is in the window: 1 or 0. */
int	 fetchwindow_has(const struct fetchwindow *w, const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* The window's name number "i", counted from 0: 1, or 0 if it has no more. */
int	 fetchwindow_name(const struct fetchwindow *w, unsigned i,
	    char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHWINDOW_H */
