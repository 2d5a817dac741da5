/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_LINKS_H
#define DATADIR_LINKS_H

#include <stddef.h>

#include "base/err.h"

/*
 * Judges which symbolic links of a data directory a walk follows; walk.h has
 * the rules.  Failures are ERR_LOCAL.  The message does not name the link: the
 * caller does.
 */
struct links_conf {
	const char	*root;		/* real path of the data directory */
	const char	*tablespace_dir; /* "PG_15_202209061" */
};

/*
 * Judge the tablespace "name" in pg_tblspc, the open directory "fd".  Returns
 * 0 with its target in "target" (of "size" bytes), 1 if the link is gone, or
 * -1.  It may wait for a second, for a DROP TABLESPACE to finish.
 */
int	 links_tablespace(const struct links_conf *, int fd, const char *name,
	    char *target, size_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Judge any other link to a directory, by the link's absolute path.  Returns
 * 0 if it may be followed, 1 if it is gone, or -1.
 */
int	 links_directory(const struct links_conf *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_LINKS_H */
