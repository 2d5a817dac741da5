/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_STATE_H
#define EXPIRE_EXPIRE_STATE_H

#include "catalogue/catalogue.h"
#include "catalogue/pin.h"
#include "expire/expire_conf.h"
#include "plan/retention.h"
#include "repo/layout.h"

/* For the two halves of expiry: what was found, and what was decided. */

#define EXPIRE_SECOND	INT64_C(1000000)

/* A directory below base/ whose content is to be looked at. */
struct expire_dir {
	char		 id[LAYOUT_ID];
	int		 expired;	/* it has a label that goes */
	int		 labelled;	/* it had none, and has one now */
	int		 running;	/* only the claims on it count */
	int		 withdrawn;	/* by an earlier run */
	int		 claimed;	/* a push may refer to it */
	size_t		 nfiles;
	int64_t		 latest;	/* of its files' times, seconds */
};

struct expire_aside;			/* a pin that is to be put back */

struct expire {
	const struct catalogue *cat;	/* borrowed */
	const struct expire_conf *conf;	/* borrowed */
	struct retention_backup *backup; /* as the catalogue's labels */
	char		(*pin)[PIN_TEXT]; /* of each, for the planner */
	int64_t		 now_us;	/* the earlier of both clocks */
	int64_t		*running_us;
	size_t		 nrunning;
	struct expire_dir *dir;		/* expired and unlabelled ones */
	size_t		 ndir;
	struct expire_aside *aside;
	size_t		 naside;
	int64_t		 repo_now;	/* seconds; 0: not known */
	int		 forks_known;	/* all histories were read */
	struct retention_plan plan;
	/* What withdrawn backups refer to that a push has a claim on. */
	struct label	**held;
	size_t		 nheld;
};

/* List all of x->dir; the index is theirs. */
int	 expire_state_list(struct expire *, struct archive *,
	    store_listed *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether a time, in seconds, is so long ago that nobody is at work. */
int	 expire_state_abandoned(const struct expire *, int64_t mtime);

#endif /* EXPIRE_EXPIRE_STATE_H */
