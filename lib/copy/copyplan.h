/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYPLAN_H
#define COPY_COPYPLAN_H

#include <stddef.h>
#include <stdint.h>

#include "copy/copyitem.h"
#include "copy/copyside.h"
#include "plan/copyset.h"

/*
 * The walk over what is to be copied: from what both sides list to the objects
 * and their order, and from what became of these to the backups that can be
 * completed.
 */
struct copyplan {
	const struct copyside *from;	/* borrowed */
	unsigned char	*chosen;	/* owned; for each of its labels */
	uint64_t	 first;		/* segment; see copyset_choose() */
	/*
	 * In walname_compare()'s order, so that a copy that is interrupted has
	 * no gap that the original has not.
	 */
	struct copyitem_list wal;
	struct copyitem_list packs;	/* by directory; manifests, packs */
};

/*
 * Choose the backups.  Returns 0; 1 if nothing is wanted, since there is no
 * such backup; or -1.
 */
int	 copyplan_choose(struct copyplan *, const struct copyside *from,
	    const struct copyset_want *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * List the objects.  "to" is what the other side has; NULL for nothing.
 */
int	 copyplan_list(struct copyplan *, const struct copyside *to,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));
void	 copyplan_fini(struct copyplan *) __attribute__((nonnull));

/*
 * Whether TO has all that the label needs, after the objects were copied.
 * Returns 0; 1 if an object is gone in FROM, so that the backup has expired
 * there; or -1, ERR_CORRUPT if one is bad or FROM lacks it.  *why names it.
 */
int	 copyplan_complete(const struct copyplan *, const struct label *,
	    struct err *why) __attribute__((warn_unused_result, nonnull));

#endif /* COPY_COPYPLAN_H */
