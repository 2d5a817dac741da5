/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_PROVEDFILE_H
#define VERIFY_PROVEDFILE_H

#include <limits.h>

#include "base/err.h"

/*
 * For a set of marks: its file, which one process at a time has open, and
 * which is replaced by a larger one now and then.  Knows nothing of what is in
 * it.
 */
struct provedfile {
	int		 fd;		/* -1: not open */
	char		*path;		/* owned; NULL: without a name */
	char		*dir;		/* owned; for files without a name */
};

/*
 * Open the file "path", made if it does not exist, and lock it.  If "path" is
 * NULL, cannot be opened, or is used by another process, open a file without a
 * name in "dir", which goes with this process.  ERR_LOCAL if that fails too.
 * Call provedfile_close() in any case.
 */
int	 provedfile_open(struct provedfile *, const char *path,
	    const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4)));

/* Remove the name; the file goes when it is closed. */
int	 provedfile_remove(struct provedfile *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 provedfile_close(struct provedfile *);

/* A file that is being written to take the place of another one. */
struct provedfile_next {
	int		 fd;
	char		 temp[PATH_MAX];	/* "": without a name */
};

/*
 * Make an empty file, fill it through next->fd, and put it in the place of the
 * old one; or give it up, which the caller does after any other failure than
 * that of provedfile_next_open() itself.
 */
int	 provedfile_next_open(struct provedfile_next *next,
	    const struct provedfile *old, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 provedfile_next_replace(struct provedfile_next *next,
	    struct provedfile *old, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 provedfile_next_abandon(struct provedfile_next *next);

#endif /* VERIFY_PROVEDFILE_H */
