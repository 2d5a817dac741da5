/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHWINDOW_H
#define PREFETCH_FETCHWINDOW_H

#include <stdint.h>

#include "pg/walname.h"

/*
 * The window of segments that are fetched ahead: those that follow the last
 * one that was asked for and found, on its own timeline.  It is empty for
 * who asks backwards, as pg_rewind does, until it goes forwards again.
 */
#define FETCHWINDOW_BYTES ((uint64_t)1 << 30)	/* of its files, the most */
#define FETCHWINDOW_AHEAD 64u			/* segments, the most */

struct fetchwindow {
	uint32_t	 segsize;
	unsigned	 ahead;		/* segments, the most */
	int		 known;		/* "last" is */
	struct walname	 last;
	int		 forwards;
	int		 stopped;	/* until it moves */
};

/* At most "ahead" segments and FETCHWINDOW_BYTES, but one if it is any; none
   if the segment size is not known (0). */
struct fetchwindow fetchwindow_of(uint64_t segsize, unsigned ahead);

/* 1 if "name" is a segment's: the window lies behind it now. */
int	 fetchwindow_move(struct fetchwindow *, const char *name)
	    __attribute__((warn_unused_result, nonnull));
int	 fetchwindow_has(const struct fetchwindow *, const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* The window's "i"th name: 1, or 0 if it has no more. */
int	 fetchwindow_name(const struct fetchwindow *, unsigned i,
	    char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHWINDOW_H */
