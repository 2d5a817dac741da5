/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_DELTA_H
#define RESTORE_DELTA_H

#include <stdint.h>

#include "backup/manifest.h"
#include "datadir/tree.h"

/*
 * What a directory holds already, merged with the manifest that is being
 * restored over it: both come in the byte order of whole paths.
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
 * Memory: the names of one directory for each level of depth.
 */
enum delta_deed {
	DELTA_REMOVED,		/* or would be */
	DELTA_LINK		/* the same, a link to a directory: what lies
				   behind it stays as it is */
};

struct delta_conf {
	int	 dry;		/* only report */
	/*
	 * Only look whether it can be done: what would be removed can be, and
	 * each directory that is gone into is shown to "entered".
	 */
	int	 check;
	int	(*entered)(void *arg, int fd, const char *what, struct err *);
	/* Called before it is done; a directory once for all in it; or NULL. */
	void	(*report)(void *arg, enum delta_deed, const char *path);
	void	*arg;
};

struct delta;

int	 delta_open(struct delta **, struct tree *,
	    const struct delta_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove what comes before "path" and was not reached, and what is at "path"
 * if it is of another type.  Returns 1 if one of that type is there, 0 if
 * nothing is (any more), or -1.
 *
 * At the place of a tablespace only what was reached is gone into: what else
 * is there may be another version's or another cluster's.
 */
int	 delta_reach(struct delta *, const char *path, enum manifest_type,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Remove what comes after the last. */
int	 delta_finish(struct delta *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

uint64_t delta_removed(const struct delta *);	/* names; when dry, as reported */
void	 delta_free(struct delta *);			/* NULL is fine */

#endif /* RESTORE_DELTA_H */
