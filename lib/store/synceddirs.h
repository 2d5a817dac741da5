/* SPDX-License-Identifier: ISC */
#ifndef STORE_SYNCEDDIRS_H
#define STORE_SYNCEDDIRS_H

#include <stddef.h>

/*
 * The directories that are known to be durable up to the root: this store has
 * fsynced every directory above them since they were there.  The memory is
 * bounded.  Forgetting one costs needless fsyncs, and never breaks a promise.
 */
#define SYNCEDDIRS_MAX	32

struct synceddirs {
	char	*dir[SYNCEDDIRS_MAX];	/* NULL: free */
	size_t	 next;			/* to be overwritten next */
};

int	 synceddirs_has(const struct synceddirs *, const char *dir);
void	 synceddirs_add(struct synceddirs *, const char *dir);
void	 synceddirs_clear(struct synceddirs *);

/*
 * Cut "dir", a full path, to the directory above it.  Returns 1, or 0 with
 * "dir" unchanged if that would be above the parent of "root".  The parent
 * itself counts, since its entry for the root may be new.
 */
int	 synceddirs_up(char *dir, const char *root);

#endif /* STORE_SYNCEDDIRS_H */
