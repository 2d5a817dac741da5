/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILL_H
#define DRILL_DRILL_H

#include "drill/drillconf.h"
#include "drill/sandboxserver.h"

/*
 * The work of backup-drill: a restore into a sandbox, a recovery, and checks.
 *
 * Returns 0 once it is known what the backup is worth: the report says what was
 * found, and whether it came to every check.  Returns -1 where this host, the
 * configuration or the way to the repository failed, or a signal came: such a
 * drill says nothing of the backup.  In both cases nothing is left but what
 * conf->keep asks for; if that cannot be removed, it is the failure.
 *
 * With conf->keep and every needed check passed, *kept is the server, which
 * runs on.
 */
int	 drill_run(struct drillreport *, struct sandboxserver *kept,
	    struct sandbox *, const struct drillconf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILL_H */
