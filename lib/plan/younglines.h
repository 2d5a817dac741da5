/* SPDX-License-Identifier: ISC */
#ifndef PLAN_YOUNGLINES_H
#define PLAN_YOUNGLINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/grace.h"
#include "plan/lineage.h"

/*
 * Which timelines are young, and what that means for retention.  Pure: no
 * files, no clock.
 *
 * A timeline is as old as the oldest thing of it that lies in the repository:
 * its history file, a segment, the label of a backup on it.  Whoever holds a
 * .push key can add timelines, but none that is not young (grace.h).  So that
 * no such timeline makes anything go,
 *
 *   - "the latest" timeline is the highest that is not young;
 *   - each young one is kept backups for as if it were the latest, too, since
 *     it may be the one that the cluster now runs on;
 *   - and where a thing that came within the grace decides which backup leads
 *     onto which timeline, there is doubt, and no backup goes at all: a
 *     history came after other things of its timeline, which a cluster
 *     archives first; or the histories are not known, and a timeline is young
 *     or got a lower first segment, from which the others are guessed.
 *
 * An older file that was linked to a new name keeps its time.  It is not
 * authentic there, so the caller reads headers: a first or an oldest segment
 * that is not authentic came at an unknown time, which is always young.
 */
struct younglines_line {
	uint32_t	 tli;
	int		 history;	/* it has a history file */
	int		 wal;		/* it has a segment */
	int		 label;		/* there is a backup on it */
	/* Since when they lie there; GRACE_UNKNOWN if there is none. */
	int64_t		 history_us;
	int64_t		 oldest_us;	/* the oldest of its segments */
	int64_t		 first_us;	/* the one with the lowest number */
	int64_t		 label_us;	/* the oldest label on it */
};

struct younglines_input {
	const struct younglines_line *v;	/* each timeline once, */
	size_t			 n;		/* ascending */
	struct lineage_set	 lines;
	int			 forks_known;	/* the histories of all of
						 * them were read */
	struct grace		 grace;
};

struct younglines {
	uint32_t	*tli;		/* owned; those that are young, */
	size_t		 n;		/* ascending */
	int64_t		*until_us;	/* owned; until when each is, or
					 * GRACE_UNKNOWN */
	uint32_t	 latest;	/* of those that are not young and have
					 * a history or a backup; 0: none */
	uint32_t	 doubt;		/* the timeline that is in doubt for
					 * longest; 0: none is */
	int64_t		 doubt_us;	/* until when, or GRACE_UNKNOWN */
};

/*
 * ERR_LOCAL if memory is short.  "out" is set on success only, and released by
 * younglines_fini().
 */
int	 younglines_make(const struct younglines_input *,
	    struct younglines *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 younglines_fini(struct younglines *) __attribute__((nonnull));

/* Whether the timeline is young. */
int	 younglines_has(const struct younglines *, uint32_t tli)
	    __attribute__((nonnull));

#endif /* PLAN_YOUNGLINES_H */
