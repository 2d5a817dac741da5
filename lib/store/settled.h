/* SPDX-License-Identifier: ISC */
#ifndef STORE_SETTLED_H
#define STORE_SETTLED_H

#include <stddef.h>

/*
 * Which directories are known to be durable up to the root: this connection
 * fsynced every directory above them after they were there.  A bounded
 * memory; forgetting costs some needless fsyncs, never a promise.
 */
#define SETTLED_MAX	32

struct settled {
	char	*dir[SETTLED_MAX];	/* NULL: free */
	size_t	 next;			/* to be overwritten next */
};

int	 settled_has(const struct settled *, const char *dir);
void	 settled_add(struct settled *, const char *dir);
void	 settled_clear(struct settled *);

/*
 * Cut "dir", a full path, to the directory above it.  Returns 0, and leaves
 * "dir" alone, where that would be above the parent of "root" (the parent's
 * entry for the root counts, as the root may be new).
 */
int	 settled_up(char *dir, const char *root);

#endif /* STORE_SETTLED_H */
