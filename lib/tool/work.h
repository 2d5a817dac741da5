/* SPDX-License-Identifier: ISC */
#ifndef TOOL_WORK_H
#define TOOL_WORK_H

#include <stdint.h>

#include "backup/label.h"
#include "base/err.h"
#include "expire/expire.h"
#include "tool/runrecord.h"
#include "tool/serverconf.h"
#include "verify/verify_conf.h"

/*
 * The work of a program, and what surrounds it: hooks, the log and the history
 * (tool/runhistory.h).
 *
 *	struct work	 w = { .conf = NULL };
 *
 *	if (!dry)
 *		work_begin(&w, "base-push", &conf);
 *	... check all that can be wrong ...
 *	if (work_before(&w, e))
 *		goto out;
 *	... do it, and fill in w.record, as work_pushed() does ...
 *	rc = work_end(&w, rc, e);
 *
 * Where work_begin() was not called, the others do nothing: a dry run has no
 * hooks and no history.
 */
struct work {
	const struct server_conf *conf;	/* borrowed; NULL: not begun */
	const char	*directory;	/* that base-fetch restores into, or
					   NULL; borrowed */
	struct runrecord record;
	int64_t		 begin_ms;
};

/*
 * Note the beginning in the history.  The configuration must outlive the work.
 */
void	 work_begin(struct work *, const char *program,
	    const struct server_conf *) __attribute__((nonnull));

/*
 * Run the hook before_*, if there is one.  ERR_LOCAL if it fails: then the work
 * must not be done.
 */
int	 work_before(struct work *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Put the backup that was made into the record. */
void	 work_pushed(struct work *, const struct label *)
	    __attribute__((nonnull));

/* Add to the record what was verified of one cluster. */
void	 work_verified(struct work *, const struct verify_sum *)
	    __attribute__((nonnull));

/* Add to the record what was deleted of one cluster. */
void	 work_deleted(struct work *, const struct expire_result *)
	    __attribute__((nonnull));

/*
 * The work has ended: "rc" and "e" are what the program will end with, -1 or an
 * exit status.  Checks that all output has arrived, since that is part of the
 * outcome, adds the run to the history, and runs the hook after_*, if there is
 * one.  A failure of these two is printed.  Returns "rc", or -1 if output was
 * lost.
 */
int	 work_end(struct work *, int rc, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_WORK_H */
