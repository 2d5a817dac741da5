/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_DELTA_H
#define RESTORE_DELTA_H

#include <stdint.h>

#include "backup/manifest.h"
#include "datadir/tree.h"

/*
 * Merges what a directory holds with the manifest that is restored over it,
 * and removes what the manifest does not have.  Both come in the byte order
 * of whole paths.
 *
 *	if (delta_open(&d, tree, &conf, e))	reads the root's names
 *		goto out;
 *	for each entry of the manifest
 *		is = delta_reach(d, path, type, e)
 *	if (delta_finish(d, e))
 *		goto out;
 * out:
 *	delta_free(d);
 *
 * Memory: the names of one directory for each level of depth.  Failures are
 * those of datadir/tree.h and datadir/treeremove.h.
 */
enum delta_deed {
	DELTA_REMOVED,
	DELTA_LINK		/* the same: it is a link to a directory, whose
				   target stays as it is */
};

struct delta_conf {
	int	 dry;		/* only report, and remove nothing */
	/*
	 * Only check: whether what would be removed can be, and for each
	 * directory that the merge reads call "entered" with it, open, and
	 * its name for messages.  Nothing is reported or removed then.
	 */
	int	 check;
	int	(*entered)(void *arg, int fd, const char *what, struct err *);
	/*
	 * Called before something is removed, or would be if "dry"; for a
	 * directory once, not for what it holds.  Not called with "check",
	 * else it must be set.
	 */
	void	(*report)(void *arg, enum delta_deed, const char *path);
	void	*arg;			/* of both */
};

struct delta;

/* "tree" is borrowed. */
int	 delta_open(struct delta **, struct tree *tree,
	    const struct delta_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Come to "path", which is later than all before it.  What lies between the
 * last path and this one is removed, and so is what lies at "path" if it is
 * of another type.  Returns 1 if something of that type is there, 0 if nothing
 * is (any more), or -1.
 *
 * In the root of a tablespace's directory nothing is removed: what the
 * manifest does not have there may be another version's or another
 * cluster's.
 */
int	 delta_reach(struct delta *, const char *path, enum manifest_type,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Remove what comes after the last path. */
int	 delta_finish(struct delta *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many names were removed; if "dry", how many were reported. */
uint64_t delta_removed(const struct delta *);
void	 delta_free(struct delta *);			/* NULL is fine */

#endif /* RESTORE_DELTA_H */
