/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_ENTRY_H
#define RESTORE_RESTORE_ENTRY_H

#include "backup/manifest.h"
#include "datadir/tree.h"
#include "restore/delta.h"
#include "restore/fetcher.h"
#include "restore/restore_conf.h"

/*
 * The part of a restore that knows directories: each entry of the manifest,
 * in order, is made in the tree, or over what it holds.  With "dry" nothing
 * is changed, and "stats" and "report" say what would be.
 */
struct restore_entry {
	const struct restore_conf *conf;
	struct restore_stats	*stats;
	int			 dry;
	int			 cold;		/* compare what the disk has */
	struct tree		*tree;
	struct delta		*delta;		/* NULL: nothing is there */
	struct fetcher		*fetcher;
};

void	 restore_entry_report(const struct restore_entry *, enum restore_deed,
	    const char *path);

/*
 * What comes before the entry and does not belong to the backup is removed.
 * 1 if something of the entry's type is there, 0 if nothing is, or -1.
 */
int	 restore_entry_reach(struct restore_entry *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

int	 restore_entry_dir(struct restore_entry *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 restore_entry_link(struct restore_entry *, const struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The file is begun in the fetcher; its chunks follow there, unless *passed
 * says that none are wanted.  "empty": it is all zeros, whatever it holds.
 */
int	 restore_entry_file(struct restore_entry *, const struct manifest_entry *,
	    int empty, int *passed, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_ENTRY_H */
