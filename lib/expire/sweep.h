/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_SWEEP_H
#define EXPIRE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * For expiry: collect the files that are to go while directories are listed,
 * then remove them, many in one flight.  With "dry" they are only counted.
 */
struct sweep {
	struct store	*store;		/* borrowed */
	int		 dry;
	/* Called with the files removed, of those named; may be NULL. */
	void		(*progress)(void *arg, uint64_t done, uint64_t total);
	void		*arg;
	uint64_t	 gone;		/* files, so far */
	uint64_t	 files, bytes;	/* named so far */
	char		**path;		/* owned: named and not removed yet */
	size_t		 n, room;
};

/* The store is borrowed and must outlive the sweep.  ERR_LOCAL: no memory. */
int	 sweep_new(struct sweep **, struct store *, int dry, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release it; what was named and not removed stays.  NULL is fine. */
void	 sweep_free(struct sweep *);

/*
 * Name the file "dir/name", of that many bytes.  Does not call the store, so
 * that callbacks of store_list() may use it.
 */
int	 sweep_add(struct sweep *, const char *dir, const char *name,
	    uint64_t bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove all that was named.  Fails as store_remove() does. */
int	 sweep_flush(struct sweep *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_SWEEP_H */
