/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_LINKS_H
#define DATADIR_LINKS_H

#include <stddef.h>

#include "base/err.h"

/*
 * Which symbolic links of a data directory are followed; the rules stand in
 * walk.h.  A refusal is ERR_PG, a failing system call ERR_LOCAL.
 */
struct links_conf {
	const char	*root;		/* real path of the data directory */
	const char	*tablespace_dir; /* "PG_15_202209061" */
};

/*
 * The tablespace "name" in the directory "fd".  Its target goes to "target".
 * Returns 0, 1 if the link is gone, or -1.
 */
int	 links_tablespace(const struct links_conf *, int fd, const char *name,
	    char *target, size_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Any other link to a directory, by its absolute path.  Returns 0 if it may
 * be followed, 1 if it is gone, or -1.
 */
int	 links_directory(const struct links_conf *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_LINKS_H */
