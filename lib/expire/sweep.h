/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_SWEEP_H
#define EXPIRE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "repo/layout.h"
#include "store/store.h"

/*
 * For expiry: remove files as they are named, many in one flight, or only
 * count them ("dry").
 */
#define SWEEP_BATCH	256

struct sweep {
	struct store	*store;
	int		 dry;
	uint64_t	 files, bytes;	/* so far */
	size_t		 n;
	char		 path[SWEEP_BATCH][LAYOUT_PATH];
};

int	 sweep_new(struct sweep **, struct store *, int dry, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 sweep_free(struct sweep *);			/* NULL is fine */

/* "dir/name" goes, now or with the next ones. */
int	 sweep_add(struct sweep *, const char *dir, const char *name,
	    uint64_t bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* All that was named is gone. */
int	 sweep_flush(struct sweep *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_SWEEP_H */
