/* SPDX-License-Identifier: ISC */
#ifndef TOOL_NOTIFIED_H
#define TOOL_NOTIFIED_H

#include "base/err.h"
#include "plan/notice.h"

/*
 * What somebody was told of the checks of a server, in a file of the state
 * folder: JSON with the names of the checks that are not well.  It is no part
 * of a repository, and may be lost at any time.
 */

/*
 * Load it.  A file that is missing, cannot be read, or is none of ours is an
 * empty memory.
 */
void	 notified_load(struct notice_memory *, const char *path)
	    __attribute__((nonnull));

/* Replace it; the folder is made, but not the one above it. */
int	 notified_save(const struct notice_memory *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_NOTIFIED_H */
