/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CHECKING_H
#define TOOL_CHECKING_H

#include <stdint.h>

#include "check/checkreport.h"
#include "tool/conf.h"
#include "tool/opt.h"

/*
 * What backup-check's options ask for, and its work on one server: from the
 * configuration to the results of all checks, in each of its repositories.
 */
struct checking {
	struct conf_source	 src;
	struct opt_list		 only, warn, critical;
	int			 deep;
	/* Set by checking_begin(). */
	int			 wanted[CHECKLIST_CHECKS];
	struct health_limits	 limits[CHECKLIST_CHECKS];
};

/* Read the options.  ERR_USAGE for a check or a threshold that is none. */
int	 checking_begin(struct checking *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check one server, at "now_us" by this host's clock.  There are *n reports,
 * one for each of its repositories, and at most CONFNAMES_MAX.  They must be
 * zeroed, and borrow the thresholds.  What is no matter of a repository is in
 * the first one.  A section of the configuration that is not complete is a
 * result, too.  Runs notify_command if it has to be (notify.h), unless "only"
 * has a part of the checks.  ERR_LOCAL if this host fails.
 */
int	 checking_server(struct checkreport *, size_t *n,
	    const struct checking *, const char *server, int64_t now_us,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_CHECKING_H */
