/* SPDX-License-Identifier: ISC */
#ifndef PLAN_ROLLBACK_H
#define PLAN_ROLLBACK_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"
#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * Whether a repository was set back to an earlier state.  Pure: no files, no
 * clock, no network.
 *
 * No signature shows that what lies in a repository is all that once lay
 * there.  But a host that looks into it again and again can remember the
 * newest backup and the newest segment of each timeline that it saw, and
 * compare.  Expiry, on whichever host it ran, must not look like a rollback:
 *
 *   - A backup that is gone is a finding only if it was the newest of all
 *     that are remembered, and none that is as new stands: one that stopped at
 *     the same time or later, or at the same LSN or behind it on one line of
 *     timelines.  Every policy keeps the one that stopped last
 *     (plan/retention.h), whatever the clocks said.
 *   - A segment that is gone is a finding only if a standing backup leads to
 *     it: one that began before it, on its timeline or on one of which that
 *     descends.  Expiry keeps all WAL behind a backup, along its lines.  A
 *     pinned backup does not count, since the WAL behind it may have expired;
 *     unless the segment is its own (from its start to its stop), or it is
 *     the newest that leads to the highest timeline.
 *   - A timeline of which nothing is left, not even the history file, may
 *     have been deleted by a person (backup-expire --delete-timeline), and
 *     then nothing of it is missed.  The timeline that was fed last is never
 *     deleted so.  Hence it was, if the remembered segment of another one
 *     still stands and was first seen at the same time or later, or has a
 *     later segment behind it by now.  Otherwise it got lost, and every backup
 *     on a lower timeline that began before the segment is taken for one that
 *     leads to it.
 *
 * Which of the remembered backups is the newest is said by their stop LSNs if
 * they lie on one line, and else by their stop times.  If the lines are a
 * guess, each timeline is a line of its own.
 */
#define ROLLBACK_LINES	64	/* timelines that are remembered at most */
#define ROLLBACK_ID	24	/* room for a backup's id */

/* What was seen of one timeline. */
struct rollback_line {
	uint32_t	 tli;
	int64_t		 since_us;	/* when this was first seen, by the
					 * clock of the host that did */
	char		 segment[WALNAME_TEXT];	/* the newest; "": none */
	char		 id[ROLLBACK_ID];	/* of the newest backup; "" */
	uint64_t	 stop_lsn;	/* of that backup */
	int64_t		 stop_us;
};

struct rollback_memory {
	struct rollback_line v[ROLLBACK_LINES];	/* ascending by timeline */
	size_t		 n;
	int64_t		 seen_us;	/* when all of it last stood */
	int		 warned;	/* that it does not was said */
};

/* What stands now.  All of it is borrowed. */
struct rollback_timeline {
	uint32_t	 tli;
	int		 any;		/* it has segments */
	uint64_t	 last;		/* the number of the newest */
};

struct rollback_backup {
	struct lineage_backup	 at;
	int		 pinned;
};

struct rollback_now {
	const struct rollback_backup *v;	/* backups, in any order */
	size_t		 n;
	const char *const *refused;	/* ids of labels that stand, but are */
	size_t		 nrefused;	/* refused */
	const struct rollback_timeline *tl;	/* with any file below wal/ */
	size_t		 ntl;
	struct lineage_set lines;
	int		 lines_guessed;
	const struct coverage_set *wal;	/* settled */
	uint32_t	 segsize;	/* bytes */
};

struct rollback_lost {
	const struct rollback_line *line;	/* in the memory */
	const char	*leads;		/* NULL: line->id is gone.  Else
					 * line->segment is, and this backup
					 * leads to it */
};

struct rollback {
	struct rollback_lost lost[ROLLBACK_LINES + 1];
	size_t		 n;		/* 0: no rollback */
};

/* Compare.  A lost backup comes first, and then segments by timeline. */
void	 rollback_judge(struct rollback *, const struct rollback_memory *,
	    const struct rollback_now *) __attribute__((nonnull));

/*
 * Make the memory what stands now, at "now_us" by this host's clock.  Of more
 * than ROLLBACK_LINES timelines those that were remembered stay.
 */
void	 rollback_learn(struct rollback_memory *, const struct rollback_now *,
	    int64_t now_us) __attribute__((nonnull));

/*
 * Add a segment, or a backup, that this host has just stored.  Returns 1 if
 * that changed anything, else 0.
 */
int	 rollback_add_segment(struct rollback_memory *, const char *name,
	    int64_t now_us) __attribute__((nonnull));
int	 rollback_add_backup(struct rollback_memory *,
	    const struct lineage_backup *, int64_t now_us)
	    __attribute__((nonnull));

/* The line with the newest backup; NULL if none is remembered. */
const struct rollback_line *rollback_newest(const struct rollback_memory *,
	    const struct lineage_set *, int guessed)
	    __attribute__((nonnull));

#endif /* PLAN_ROLLBACK_H */
