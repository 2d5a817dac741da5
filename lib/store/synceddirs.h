/* SPDX-License-Identifier: ISC */
#ifndef STORE_SYNCEDDIRS_H
#define STORE_SYNCEDDIRS_H

#include <stddef.h>

/*
 * Which directories are known to be durable up to the root: this connection
 * fsynced every directory above them after they were there.  A bounded
 * memory; forgetting costs some needless fsyncs, never a promise.
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
 * Cut "dir", a full path, to the directory above it.  Returns 0, and leaves
 * "dir" alone, where that would be above the parent of "root" (the parent's
 * entry for the root counts, as the root may be new).
 */
int	 synceddirs_up(char *dir, const char *root);

#endif /* STORE_SYNCEDDIRS_H */
