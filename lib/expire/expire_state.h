/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_STATE_H
#define EXPIRE_EXPIRE_STATE_H

#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "catalogue/pin.h"
#include "catalogue/rollbackcheck.h"
#include "expire/expire_conf.h"
#include "plan/fed.h"
#include "plan/retention.h"
#include "plan/younglines.h"
#include "repo/layout.h"

/*
 * For the parts of expiry: what was found, and what was decided.  The first
 * half (expire_plan) fills it, the second (expire_run) acts by it.
 */

#define EXPIRE_SECOND	INT64_C(1000000)	/* in microseconds */

/* A directory below base/ that is to be swept, or at least looked at. */
struct expire_dir {
	char		 id[LAYOUT_ID];
	int		 expired;	/* it has a label, which goes */
	int		 taken;		/* this run has withdrawn it */
	int		 labelled;	/* its backup was completed since the
					   labels were read: leave it alone */
	int		 running;	/* its backup may be under way: look
					   at the claims on it, no more */
	int		 withdrawn;	/* its label was, by an earlier run */
	int64_t		 withdrawn_at;	/* time of label.withdrawn, seconds */
	int		 no_label;	/* what lies in the place of
					   label.withdrawn is a directory, or
					   larger than any label, or nobody may
					   list its directory */
	int		 claimed;	/* a push may refer to what it holds */
	size_t		 nfiles;
	int64_t		 first, latest;	/* oldest and newest time of a file,
					   seconds; 0: not known */
};

struct interruptedpins_pin;

struct expire {
	const struct catalogue *cat;	/* borrowed */
	const struct expire_conf *conf;	/* borrowed */
	/* In the order of the catalogue's labels: for the planner; owned. */
	struct retention_backup *backup;
	char		(*pin)[PIN_TEXT]; /* the texts of backup[].pinned */
	struct evidence	 evidence;	/* as the labels; owned */
	int64_t		 now_us;	/* the earlier of both clocks */
	struct grace	 grace;		/* by the repository's clock */
	struct younglines young;	/* owned */
	struct retention_running *running; /* owned: backups under way */
	size_t		 nrunning;
	/* All timelines; backup[].at once more; the timelines that are still
	 * fed besides the latest (fedlines.h).  Owned. */
	struct fed_timeline *line;
	size_t		 nline;
	struct lineage_backup *at;
	uint32_t	*fed;
	size_t		 nfed;
	size_t		 nstray;	/* lines that go on beside
					   conf->timeline, by their commits */
	struct expire_dir *dir;		/* owned; expired, or without a label */
	size_t		 ndir;
	size_t		 nbare;		/* those without come first, by id */
	/* Pins that lie aside and are to be put back; owned. */
	struct interruptedpins_pin *aside;
	size_t		 naside;
	int64_t		 repo_now;	/* seconds; 0: not known */
	int		 forks_known;	/* all histories were read */
	struct rollbackcheck seen;	/* if it has findings nothing goes */
	struct retention_plan plan;
	/* Labels of withdrawn backups on which a push has a claim, and labels
	 * that came since the catalogue was read; owned. */
	struct label	**held;
	size_t		 nheld;
};

/* The one without a label that has this id; NULL if it is not in x->dir. */
struct expire_dir *expire_state_bare(const struct expire *, const char *id);

/*
 * List all of x->dir in one flight; "each" gets the index in x->dir.  It is not
 * called for one that nobody may list.
 */
int	 expire_state_list(struct expire *, struct archive *,
	    store_listed *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove all of x->dir that are empty, in one flight.  As store_rmdir(). */
int	 expire_state_rmdir(const struct expire *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether "mtime", in seconds by the repository's clock, is so long ago that
 * nobody works on that file any more.
 */
int	 expire_state_abandoned(const struct expire *, int64_t mtime);

#endif /* EXPIRE_EXPIRE_STATE_H */
