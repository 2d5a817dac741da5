/* SPDX-License-Identifier: ISC */
#ifndef PLAN_WINDOWS_H
#define PLAN_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * The recovery windows of all lines of timelines.  Pure: no files, no clock.
 *
 * A window is a span of points to which a cluster can be recovered.  It
 * begins where its first backup stopped, and ends where the archived WAL along
 * its line does, or at a gap.  Behind a gap the next backup on the line begins
 * the next window.  A backup that lacks WAL of its own, from start to stop,
 * begins none.
 *
 * A line is named by its last timeline.  Two lines share what lies before the
 * point where they part, so a window that ends there or earlier belongs to
 * both.  It is marked as shared except on the line of the highest timeline, so
 * that each point can be listed once.  A line that was left has a window that
 * is not shared only if its WAL goes on behind the point where it was left.
 */
struct windows_one {
	uint32_t	 tli;		/* the line */
	size_t		*backup;	/* owned; indexes of the backups in it,
					 * by the LSN where they stopped */
	size_t		 n;		/* at least 1 */
	struct coverage	 wal;		/* from backup[0] on; owned */
	int		 shared;	/* a higher timeline has all of it */
};

/* Of the highest timeline first, and on each line the highest end first. */
struct windows {
	struct windows_one *v;		/* owned */
	size_t		 n;
};

struct windows_input {
	const struct lineage_backup *v;	/* in any order */
	size_t			 n;
	struct lineage_set	 lines;
	const uint32_t		*tli;	/* all timelines that have WAL, a */
	size_t			 ntli;	/* history or a backup; ascending */
	const struct coverage_set *wal;	/* settled */
	uint32_t		 segsize;	/* bytes */
};

/*
 * ERR_LOCAL if memory is short.  "out" is set on success only, and released
 * by windows_free().
 */
int	 windows_make(struct windows *out, const struct windows_input *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 windows_free(struct windows *);

/*
 * Whether a window is not the last one on its line: a gap ends it, behind
 * which a later backup can be restored.
 */
int	 windows_is_cut(const struct windows *, size_t window);

#endif /* PLAN_WINDOWS_H */
