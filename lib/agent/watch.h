/* SPDX-License-Identifier: ISC */
#ifndef AGENT_WATCH_H
#define AGENT_WATCH_H

#include <sys/stat.h>

#include <stddef.h>

#include "base/err.h"

/*
 * Files that must stay what they are: device and inode, and for a regular
 * file its mode, size and mtime as well.
 */
#define WATCH_MAX	8

struct watch {
	const char	*path[WATCH_MAX];	/* borrowed */
	struct stat	 was[WATCH_MAX];
	size_t		 n;
};

/* Up to the first NULL.  ERR_LOCAL if one cannot be looked at. */
int	 watch_start(struct watch *, const char *const path[WATCH_MAX],
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The first that is another one now, or gone; NULL if none is. */
const char *watch_changed(const struct watch *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_WATCH_H */
