/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWFETCH_H
#define SHOW_SHOWFETCH_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#include "base/jval.h"
#include "plan/choose.h"
#include "restore/basefetch.h"
#include "restore/harmless.h"
#include "restore/recovery.h"
#include "restore/restore_conf.h"
#include "restore/unarchived.h"
#include "show/progress.h"

/*
 * The output of one run of base-fetch.  As text: the plan before anything is
 * changed, and what was done at the end.  As JSON: one object when all is
 * done, and nothing after a failure.  A progress line, notes and warnings go
 * to stderr in both forms.
 *
 *	struct showfetch	 s = { .program = "base-fetch", ... };
 *
 *	if (showfetch_open(&s, e))
 *		goto out;
 *	... set plan, conf, target, recovery ...
 *	if (showfetch_plan(&s, e))
 *		goto out;
 *	showfetch_begin(&s);
 *	... restore, which calls the next two ...
 *	rc = showfetch_end(&s, &stats, harmless, e);
 * out:
 *	showfetch_close(&s);
 */
#define SHOWFETCH_DEEDS	3		/* kinds of enum restore_deed */

struct showfetch {
	const char	*program;
	int		 json, dry;
	int		 aside;		/* the text goes to stderr: stdout has
					   the archive */
	struct progress_want want;

	/* Borrowed, and set before all that follows showfetch_open(). */
	const struct basefetch_plan	*plan;
	const struct restore_conf	*conf;
	const struct choose_target	*target;
	const struct recovery		*recovery;
	/* WAL that a delta restore removes; set before showfetch_end(). */
	struct unarchived		 lost;

	FILE		*out;		/* for the text */
	struct progress	 progress;
	int64_t		 begin_ms;
	pthread_mutex_t	 lock;		/* of the next two */
	struct jval	*deeds[SHOWFETCH_DEEDS]; /* lists, owned; if "json" and
						    "dry" */
	struct err	 failed;	/* a deed found no room there */
};

int	 showfetch_open(struct showfetch *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The plan, which has arrived when this returns 0, and warnings about it.
 * With "json" only the warnings.
 */
int	 showfetch_plan(struct showfetch *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The restore begins: a progress line, or a title for what would be done. */
void	 showfetch_begin(struct showfetch *) __attribute__((nonnull));

/* How many bytes are done, and the deeds of a delta restore. */
void	 showfetch_progress(struct showfetch *, enum restore_phase,
	    uint64_t bytes)
	    __attribute__((nonnull));
void	 showfetch_deed(struct showfetch *, enum restore_deed,
	    const char *path) __attribute__((nonnull));

/*
 * The restore has succeeded: write the configuration files, if that was asked
 * for, and print what was done.  With "dry" print what would be done; "h" is
 * NULL then.
 */
int	 showfetch_end(struct showfetch *, const struct restore_stats *,
	    const struct harmless *h, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/*
 * Bring back the configuration files alone, as showconfig_alone() does, and
 * print what that was.
 */
int	 showfetch_config(struct showfetch *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the progress line and release what is owned. */
void	 showfetch_close(struct showfetch *) __attribute__((nonnull));

#endif /* SHOW_SHOWFETCH_H */
