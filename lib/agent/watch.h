/* SPDX-License-Identifier: ISC */
#ifndef AGENT_WATCH_H
#define AGENT_WATCH_H

#include <sys/stat.h>

#include <stddef.h>

#include "base/err.h"

/*
 * Files that must stay what they are.  Device, inode and type are compared,
 * and for a regular file also its mode, size and mtime.
 */
#define WATCH_MAX	8

struct watch {
	const char	*path[WATCH_MAX];	/* borrowed */
	struct stat	 was[WATCH_MAX];
	size_t		 n;
};

/*
 * Note what the files at path[] are now, up to the first NULL.  ERR_LOCAL if
 * stat(2) fails for one of them.
 */
int	 watch_start(struct watch *w, const char *const path[WATCH_MAX],
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* The path of the first that has changed or is gone, or NULL. */
const char *watch_changed(const struct watch *w)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_WATCH_H */
