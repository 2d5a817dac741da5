/* SPDX-License-Identifier: ISC */
#ifndef PLAN_FED_H
#define PLAN_FED_H

#include <stddef.h>
#include <stdint.h>

#include "plan/lineage.h"
#include "plan/stray.h"

/*
 * Which timelines a cluster still feeds besides the latest one.  Pure: no
 * files, no clock.
 *
 * PostgreSQL's "latest" is the highest timeline.  If a copy was promoted by
 * mistake and archived, that is the copy's, while the cluster that people
 * work with goes on on a lower one; retention must then keep backups of both.
 * After a failover or a restore in place the lower timeline was left instead,
 * and its backups must be able to expire, although the old primary may still
 * archive what it had.
 *
 * A timeline below the latest is fed if there is evidence that it went on
 * after it was left: by the latest line, and by every other timeline that
 * descends from it.  That it was left is as old as the history file of the
 * timeline that begins there.  Evidence is
 *
 *   - a backup on the timeline, behind the point where it was left, that
 *     started after that; for as long as this backup exists; or
 *   - a newest segment, reaching behind that point, that was archived after
 *     that, and not longer ago than "quiet_us".  Leftovers of an old primary
 *     look the same.  They hold its backups for that time and no longer.
 *
 * In doubt a timeline is fed, since then more is kept: if it is not known when
 * it was left, every backup counts as later; a newest segment of which the
 * time is not known counts as archived just now.
 *
 * If the lines are a guess, nothing is taken from them: any timeline with a
 * higher number may be the one that left it first, all that the timeline has
 * counts as behind that point, and no descendant is known.
 *
 * All times are in microseconds since 1970.
 */
struct fed_timeline {
	uint32_t	 tli;
	int64_t		 began_us;	/* when its history was archived, or
					 * STRAY_UNKNOWN */
	uint64_t	 end;		/* the first LSN behind its newest
					 * segment; 0: it has none */
	int64_t		 fed_us;	/* when that one was archived, or
					 * STRAY_UNKNOWN */
	int		 fed_listed;	/* no header says so that can be
					 * trusted, but a listing */
};

struct fed_input {
	const struct fed_timeline *v;	/* each timeline that has WAL, a */
	size_t		 n;		/* history or a backup, ascending */
	const struct lineage_backup *backup;
	size_t		 nbackup;
	struct lineage_set lines;
	int		 lines_guessed;
	uint32_t	 latest;	/* the latest timeline; 0: the highest
					 * of all histories and backups */
	int64_t		 now_us, quiet_us;
};

/* What is known of a timeline; NULL if nothing of it is stored. */
const struct fed_timeline *fed_timeline(const struct fed_input *, uint32_t tli)
	    __attribute__((nonnull));

/*
 * Write those that are fed into "tli", which has room for as many as there
 * are timelines, in ascending order.  Returns how many.
 */
size_t	 fed_find(const struct fed_input *, uint32_t *tli)
	    __attribute__((nonnull));

/* Whether the timeline is among the "n", ascending, that fed_find() wrote. */
int	 fed_has(const uint32_t *v, size_t n, uint32_t tli);

/* The latest timeline, which fed_find() compares with; 0 if there is none. */
uint32_t fed_latest(const struct fed_input *) __attribute__((nonnull));

#endif /* PLAN_FED_H */
