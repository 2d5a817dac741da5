/* SPDX-License-Identifier: ISC */
#ifndef REUSE_DEADJOURNALS_H
#define REUSE_DEADJOURNALS_H

#include <stddef.h>

#include "reuse/journal.h"

/*
 * Find the journals of pushes that died: the newest backup's first, each
 * followed by its part if it has one, at most "max" files.  Those of dead
 * pushes for which there is no room are removed, as are those that cannot be
 * understood.  The caller frees v[0] to v[*n - 1], also where this fails.
 */
int	 deadjournals_find(struct journal **v, size_t max, size_t *n,
	    const struct archive *, const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REUSE_DEADJOURNALS_H */
