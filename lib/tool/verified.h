/* SPDX-License-Identifier: ISC */
#ifndef TOOL_VERIFIED_H
#define TOOL_VERIFIED_H

#include "show/showfindings.h"
#include "tool/serverconf.h"

/*
 * Leave for backup-check what a run of "program" found (check/verifyruns.h):
 * of the backup "id", or of all if that is NULL; "complete" is 0 if the run
 * failed.  If that cannot be kept, it is printed on stderr: the run itself is
 * as good.
 */
void	 verified_keep(const char *program, const struct server_conf *,
	    const struct showfindings *, enum verify_depth, const char *id,
	    int complete) __attribute__((nonnull(1, 2, 3)));

#endif /* TOOL_VERIFIED_H */
