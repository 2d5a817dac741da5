/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_WALKLEVEL_H
#define DATADIR_WALKLEVEL_H

#include <sys/types.h>

#include "datadir/dirnames.h"

/* One open directory of a walk, and the place reached in its names. */
struct walklevel {
	struct dirnames	 names;
	size_t		 next;		/* of the names */
	size_t		 len;		/* of its path, with the last slash */
	dev_t		 dev;
	ino_t		 ino;
	int		 fd;
};

/*
 * Open level "depth" of "levels", below those before it, for the directory
 * "fd", whose path has "len" bytes.  "only", unless NULL, is the one name that
 * is taken of it.  "shown" is its path for messages.  ERR_LOCAL if it is one of
 * the directories above it: a link, or a mount of a directory inside itself,
 * would never end.  Owns "fd", also if it fails.
 */
int	 walklevel_open(struct walklevel *levels, int depth, int fd,
	    size_t len, const char *only, const char *shown, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 6, 7)));
void	 walklevel_close(struct walklevel *) __attribute__((nonnull));

#endif /* DATADIR_WALKLEVEL_H */
