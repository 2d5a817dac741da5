/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLSTART_H
#define DRILL_DRILLSTART_H

#include "drill/drillcheck.h"
#include "drill/sandbox.h"

/*
 * Start the server of what was restored, wait until it is open, and find a
 * superuser.  Where replay would make a tablespace outside of the sandbox its
 * path is covered, and recovery begins again.
 *
 * Returns 0; 1 if such a path cannot be covered, as the line "inside" of the
 * report then says; or -1, failing as sandboxserver_wait() and
 * sandboxserver_role().
 */
int	 drillstart(const struct drillcheck *, const struct sandbox *,
	    int keep, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLSTART_H */
