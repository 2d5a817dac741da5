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
 *     the newest that leads to the highest timeline.  Nor does a backup whose
 *     directory changed after all stood for the last time, unless it is
 *     remembered itself: a thief may have put it where WAL had expired.
 *   - A timeline of which nothing is left, not even the history file, may
 *     have been deleted by a person (backup-expire --delete-timeline), and
 *     then nothing of it is missed.  The timeline that was fed last is never
 *     deleted so.  Hence it was, if the remembered segment of another one
 *     still stands and was first seen at the same time or later, or has a
 *     later segment behind it by now.  That segment must be authentic: the
 *     storage host can list any name.  Otherwise the timeline got lost, and
 *     every backup on a lower timeline that began before the segment is taken
 *     for one that leads to it.
 *
 * Which of the remembered backups is the newest is said by their stop LSNs if
 * they lie on one line, and else by their stop times.  If the lines are a
 * guess, each timeline is a line of its own.
 *
 * Whoever holds a .push key can add a segment with a number so high that the
 * cluster never gets there, and as the newest it would hide all others.  So
 * two more segments of each timeline are remembered, and missed by the same
 * rule: the last one that this host itself stored, and the end of the run of
 * WAL that goes on from what was remembered before, or else the one in which
 * the newest backup ended.
 */
#define ROLLBACK_LINES	64	/* timelines that are remembered at most */
#define ROLLBACK_ID	24	/* room for a backup's id */

/* What was seen of one timeline. */
struct rollback_line {
	uint32_t	 tli;
	int64_t		 first_us;	/* when the timeline was first seen,
					 * by this host's clock */
	int64_t		 since_us;	/* when this was first seen as it is */
	char		 segment[WALNAME_TEXT];	/* the newest; "": none */
	char		 run[WALNAME_TEXT];	/* the end of the run, see
						 * above; "" */
	char		 own[WALNAME_TEXT];	/* that this host stored; "" */
	char		 id[ROLLBACK_ID];	/* of the newest backup; "" */
	uint64_t	 stop_lsn;	/* of that backup */
	int64_t		 stop_us;
};

struct rollback_memory {
	struct rollback_line v[ROLLBACK_LINES];	/* ascending by timeline */
	size_t		 n;
	int64_t		 seen_us;	/* when all of it last stood */
	int		 warned;	/* that it does not was said */
	int		 full;		/* since it was loaded: a timeline
					 * had to make room for another */
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
	int64_t		 changed_us;	/* when its directory last changed; 0:
					 * not known */
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
	/* Settled: of rollback_asked(), those that are authentic. */
	const struct coverage_set *sound;
	uint32_t	 segsize;	/* bytes */
};

struct rollback_lost {
	const struct rollback_line *line;	/* in the memory */
	const char	*leads;		/* NULL: line->id is gone.  Else a
					 * segment is, and this backup leads
					 * to it */
	const char	*segment;	/* its name, in the line; NULL */
};

struct rollback {
	struct rollback_lost lost[ROLLBACK_LINES + 1];
	size_t		 n;		/* 0: no rollback */
};

/*
 * The segments that stand and must be authentic to show that a timeline of
 * which nothing is left was deleted by a person.  Returns how many; 0 if there
 * is no such timeline.  "sound" is not looked at here.
 */
#define ROLLBACK_ASKED	(4 * ROLLBACK_LINES)
size_t	 rollback_asked(struct coverage_run[ROLLBACK_ASKED],
	    const struct rollback_memory *, const struct rollback_now *)
	    __attribute__((nonnull));

/*
 * Compare.  A lost backup comes first, and then one segment of each timeline
 * that lost any, by timeline.
 */
void	 rollback_judge(struct rollback *, const struct rollback_memory *,
	    const struct rollback_now *) __attribute__((nonnull));

/*
 * Make the memory what stands now, at "now_us" by this host's clock.  Of more
 * than ROLLBACK_LINES timelines those that were remembered stay, but for one:
 * see rollback_add_seen().
 */
void	 rollback_learn(struct rollback_memory *, const struct rollback_now *,
	    int64_t now_us) __attribute__((nonnull));

/*
 * Add a segment that was seen in a listing, one that this host has just
 * stored, or a backup.  Each returns 1 if that changed anything, else 0.
 *
 * A timeline for which there is no room takes the place of the one that was
 * first seen last, since a thief may add any number, but never of one on which
 * this host stored something; only if that holds for all, of the one that
 * changed last the longest ago.  Then m->full is set.
 */
int	 rollback_add_seen(struct rollback_memory *m, const char *name,
	    int64_t now_us) __attribute__((nonnull));
int	 rollback_add_segment(struct rollback_memory *m, const char *name,
	    int64_t now_us) __attribute__((nonnull));
int	 rollback_add_backup(struct rollback_memory *m,
	    const struct lineage_backup *, int64_t now_us)
	    __attribute__((nonnull));

/*
 * Forget the backup "id", which a person has taken away: it is not missed.
 * Returns 1 if it was remembered, else 0.
 */
int	 rollback_forget(struct rollback_memory *, const char *id)
	    __attribute__((nonnull));

/* The line with the newest backup; NULL if none is remembered. */
const struct rollback_line *rollback_newest(const struct rollback_memory *,
	    const struct lineage_set *, int guessed)
	    __attribute__((nonnull));

#endif /* PLAN_ROLLBACK_H */
