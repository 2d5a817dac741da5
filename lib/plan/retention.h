/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_H
#define PLAN_RETENTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/grace.h"
#include "plan/lineage.h"
#include "plan/packruns.h"
#include "plan/retention_policy.h"
#include "plan/retention_wal.h"

/*
 * What may be deleted of a cluster's backups, and so of its WAL and packs.
 * Pure: no files, no clock, no network.  The caller has read and
 * authenticated every label and every history file first.  If one of them
 * could not be read it must not ask, since a backup that is missing here
 * keeps nothing.
 *
 * Backups.  A backup that the caller marks as "gone" goes, and counts for
 * nothing below.  Any other is kept if one of these rules holds.  They are
 * tried in this order, and the first that holds is the reason that is given:
 *
 *   1. The caller holds it ("held").
 *   2. The policy is to keep everything.
 *   3. It ended later than now + slack, so some clock is wrong.  It counts
 *      for none of the rules below, so that it cannot push another one out.
 *   4. It is not whole ("lacks"): something is missing that a restore needs.
 *   5. It is young: not all of it has lain in the repository for the grace
 *      (grace.h), or its directory changed within it.  An older file that
 *      is linked to a new name shows in no other way.
 *   6. The policy is redundancy N, and it is among the N newest, or among the
 *      N newest that lead to a line: the latest timeline, or one of those that
 *      the caller says are still fed ("fed").  Else a copy that was promoted
 *      by mistake and archives would push the cluster's own backups out.
 *   7. The policy is a recovery window of T, which begins at now - T, and
 *        - it ended within the window, or came into the repository within it;
 *          or
 *        - it is the newest of all others; or
 *        - of these others it is the newest that leads to a line, or to the
 *          timeline of some backup that ended or came within the window.
 *          (After a recovery to an early point the newest of all may be on a
 *          branch that was left.)
 *   8. It is the newest that leads to a line: whatever the policy, a cluster
 *      that runs now keeps a backup.
 *   9. It is among the minimum_redundancy newest; 0 is taken as 1.
 *  10. It stands for one of the days, weeks, months or years that the policy
 *      keeps (retention_period.h): among all backups, or among those that lead
 *      to a line.  If nothing but rules 10 and 11 keeps it, the backup stands
 *      alone.  The WAL of the years behind a yearly backup would be most of
 *      what a repository holds; the points behind it are for rules 6 and 7.
 *  11. It is pinned.  A pin changes nothing for the other backups: in the
 *      rules above a pinned backup counts as any other does.
 *
 * A backup that rules 3 to 5 keep counts for none of the later rules, so that
 * it pushes no other one out; only its timeline counts for rule 7.  So whoever
 * adds backups, histories and WAL makes nothing go within the grace: all that
 * would be kept without them is kept.  A line is also every young timeline
 * (younglines.h): the cluster may run on it.
 *
 * The newest of all is the one with the latest stop time; then with the
 * highest timeline, stop LSN, id.  Of those that lead to one timeline it is the
 * one with the highest stop LSN, whatever the clocks said.  What "leads to"
 * means is said at lineage_reaches().
 *
 * If the lines are a guess, rules 6 to 8 and 10 also count the backups of a
 * line's own timeline alone, so that a wrong guess lets no other backup
 * displace one of them.  The caller holds what might lead there from other
 * timelines.
 *
 * WAL.  A backup that stands alone needs an island of WAL, any other that is
 * kept a line: see retention_wal.h.
 *
 * Packs.  Those stay that the label of a kept backup refers to, whatever
 * directory they lie in.
 */
struct retention_backup {
	struct lineage_backup	 at;
	const char		*held;	/* the reason; NULL: not held */
	int			 gone;	/* goes, whatever the rules say */
	const char		*pinned; /* "pinned until ..."; NULL: is not */
	const char		*lacks;	/* "... is missing"; NULL: nothing */
	int64_t			 here_us; /* since when all of it lies in the
					   * repository, by its clock */
	int64_t			 label_us; /* since when its label does */
	int64_t			 dir_us; /* when its directory last changed */
	const struct packruns_run *ref;	/* borrowed: packs in its label */
	size_t			 nref;
};

struct retention_input {
	const struct retention_backup *v;	/* in any order */
	size_t			 n;
	struct lineage_set	 lines;
	int			 lines_guessed;	/* Then the caller holds what
						 * rules 7 and 8 might miss. */
	uint32_t		 latest;	/* timeline; 0: the highest of
						 * all backups that are not
						 * gone and of all histories */
	const uint32_t		*young;		/* timelines that are young */
	size_t			 nyoung;
	struct grace		 grace;
	const uint32_t		*fed;		/* timelines that are fed */
	size_t			 nfed;		/* besides the latest (fed.h) */
	uint32_t		 segsize;	/* bytes */
	struct retention_policy	 policy;
	uint64_t		 minimum_redundancy;
	int64_t			 now_us, slack_us;
	const struct retention_running *running;
	size_t			 nrunning;
};

#define RETENTION_WHY	384

struct retention_verdict {
	int		 keep;
	const char	*lacks;		/* as in the input, borrowed; NULL if
					 * it is gone */
	int		 alone;		/* kept by rules 10 and 11 only */
	int		 period[RETENTION_PERIODS]; /* rule 10 holds for one of
					 * these */
	int		 young;		/* rule 5 holds, and no one earlier */
	int64_t		 until_us;	/* so long; or GRACE_UNKNOWN */
	char		 why[RETENTION_WHY];	/* the reason, for people;
						 * periods and a pin are added
						 * to it */
};

struct retention_plan {
	struct retention_verdict *verdict;	/* owned; as the input's v */
	size_t		 nkept;
	struct retention_wal wal;
	struct packruns	 packs;		/* that kept backups refer to */
};

/*
 * When a backup ended for rules 7 and 10: when it did by its label, but not
 * before all of it lay in the repository.
 */
int64_t	 retention_ended(const struct retention_backup *,
	    const struct grace *) __attribute__((nonnull));

/*
 * Whether a backup counts for the rules from 6 on, provided that its clock is
 * right: it is not gone, whole and not young.
 */
int	 retention_counts(const struct retention_backup *,
	    const struct grace *) __attribute__((nonnull));

/* Whether rule 3 holds, whatever the policy. */
int	 retention_is_future(const struct retention_backup *,
	    const struct retention_input *) __attribute__((nonnull));

/* Whether rule 5 holds. */
int	 retention_is_young(const struct retention_backup *,
	    const struct grace *) __attribute__((nonnull));

/*
 * ERR_LOCAL if memory is short.  "plan" is set on success only; it borrows
 * the ids of the input's packs, and retention_plan_free() releases it.
 */
int	 retention_make(const struct retention_input *,
	    struct retention_plan *plan, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The verdicts alone, into plan->verdict and plan->nkept, which must be 0.
 * ERR_LOCAL if memory is short.  Release with retention_plan_free() in any
 * case.
 */
int	 retention_judge(const struct retention_input *,
	    struct retention_plan *plan, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 retention_plan_free(struct retention_plan *);

#endif /* PLAN_RETENTION_H */
