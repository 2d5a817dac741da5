/* SPDX-License-Identifier: ISC */
#ifndef REPO_RESTORING_H
#define REPO_RESTORING_H

#include "backup/manifest.h"
#include "datadir/tree.h"
#include "repo/delta.h"
#include "repo/fetcher.h"
#include "repo/restore.h"

/*
 * The part of a restore that knows directories: each entry of the manifest,
 * in order, is made in the tree, or over what it holds.  With "dry" nothing
 * is changed, and "stats" and "told" say what would be.
 */
#define RESTORING_MODE	0777U	/* no set-uid program comes from a backup */

struct restoring {
	const struct restore_conf *conf;
	struct restore_stats	*stats;
	int			 dry;
	int			 cold;		/* compare what the disk has */
	struct tree		*tree;
	struct delta		*delta;		/* NULL: nothing is there */
	struct fetcher		*fetcher;
};

/*
 * Read the backup's manifest.  What an event fails with, other than
 * ERR_CORRUPT, is this host's matter and does not name the manifest.
 */
int	 restoring_manifest(struct archive *, const struct label *,
	    const struct manifest_events *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 restoring_tell(const struct restoring *, enum restore_deed,
	    const char *path);

/*
 * What comes before the entry and does not belong to the backup is removed.
 * 1 if something of the entry's type is there, 0 if nothing is, or -1.
 */
int	 restoring_reach(struct restoring *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

int	 restoring_dir(struct restoring *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 restoring_link(struct restoring *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The file is begun in the fetcher; its chunks follow there, unless *passed
 * says that none are wanted.  "empty": it is all zeros, whatever it holds.
 */
int	 restoring_file(struct restoring *, const struct manifest_entry *,
	    int empty, int *passed, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_RESTORING_H */
