/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_SYNCSET_H
#define DATADIR_SYNCSET_H

#include <sys/types.h>

#include <stddef.h>

#include "base/err.h"

/*
 * The file systems that a restore writes to, so that all of them can be
 * synced at its end.
 *
 *	struct syncset	 s = { .n = 0 };
 *
 *	for each directory, before anything is written below it:
 *		syncset_add(&s, dir, e)
 *	... write files, and sync none of them ...
 *	if (syncset_sync(&s, dir, e))
 *		the files may not be on the disk
 *	syncset_close(&s);
 *
 * One descriptor is kept for each file system.  It has to be open before the
 * first write: syncfs() reports a write that failed (since Linux 5.8) only
 * to descriptors that were opened before it.
 */
#define SYNCSET_MAX	128

struct syncset {
	int	 fd[SYNCSET_MAX];
	dev_t	 dev[SYNCSET_MAX];
	size_t	 n;
};

/*
 * Add the file system of the directory "dir".  ERR_LOCAL if it cannot be
 * opened, or is one more than SYNCSET_MAX.
 */
int	 syncset_add(struct syncset *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The same for the open directory "fd", which stays the caller's. */
int	 syncset_add_fd(struct syncset *, int fd, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Sync all of them.  ERR_LOCAL if anything written since they were added did
 * not reach its disk; "dir" names the files in the message.
 */
int	 syncset_sync(const struct syncset *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Close the descriptors; the set is empty then. */
void	 syncset_close(struct syncset *) __attribute__((nonnull));

#endif /* DATADIR_SYNCSET_H */
