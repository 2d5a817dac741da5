/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_TMPSWEEP_H
#define EXPIRE_TMPSWEEP_H

#include "expire/expire_state.h"
#include "expire/sweep.h"

/*
 * For expiry: sweep tmp/.
 *
 * Two kinds of files go.  An upload to which nothing was added for
 * conf->abandoned_us was interrupted; it is counted in the sweep.  And a
 * temporary name of an object that stands under its own name is a second name
 * of the same file (lib/FORMAT.md, 2): where the pushing key may not delete,
 * every object has one.  As long as it stands, deleting the object frees
 * nothing.  So these go whatever their age, and before any object does; they
 * are not counted, since no byte is freed by it.
 *
 * Fails as the store does.
 */
int	 tmpsweep_run(const struct expire *, struct archive *,
	    struct sweep *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same with "at_once" (1 or more) names held in memory: what goes of these
 * is removed before the next ones are looked at.  So memory has a bound however
 * many names there are, and a run that dies has removed some.
 */
int	 tmpsweep_rounds(const struct expire *, struct archive *,
	    struct sweep *, size_t at_once, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_TMPSWEEP_H */
