/* SPDX-License-Identifier: ISC */
#ifndef DRILL_LEFTOVER_H
#define DRILL_LEFTOVER_H

#include "base/err.h"

/* What a drill that was killed has left running. */

/*
 * End all processes whose working directory lies in "dir": servers, by an
 * immediate shutdown, and what they started; then those that stay, by SIGKILL.
 * Those of this process's own session, such as its shell, are left alone.
 * Remove the shared memory that a server in "data" has left.  ERR_LOCAL if
 * something does not end.
 */
int	 leftover_end(const char *dir, const char *data, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many names the directory holds, at most 2; or -1: ERR_LOCAL. */
int	 leftover_names(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_LEFTOVER_H */
