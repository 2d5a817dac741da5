/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_ENTRY_H
#define RESTORE_RESTORE_ENTRY_H

#include "backup/manifest.h"
#include "datadir/tree.h"
#include "restore/delta.h"
#include "restore/fetcher.h"
#include "restore/restore_conf.h"

/*
 * Makes the entries of a manifest in a tree, in the manifest's order, or over
 * what the tree holds.  With "dry" nothing is changed: "stats" counts, and
 * conf.report is called for, what would be.
 *
 * Failures are ERR_LOCAL for this host, ERR_CORRUPT for the manifest.
 */
struct restore_entry {			/* all pointers are borrowed */
	const struct restore_conf *conf;
	struct restore_stats	*stats;
	int			 dry;
	/*
	 * Compare what the disk has: let memory forget what it holds of each
	 * file first.
	 */
	int			 cold;
	struct tree		*tree;
	struct delta		*delta;		/* NULL: the tree is empty */
	struct fetcher		*fetcher;
};

/* Call conf.report, if it is set. */
void	 restore_entry_report(const struct restore_entry *, enum restore_deed,
	    const char *path);

/*
 * Come to the entry: what the tree has before it and the manifest has not is
 * removed.  Returns 1 if something of the entry's type is there, 0 if nothing
 * is, or -1.
 */
int	 restore_entry_reach(struct restore_entry *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Make a directory, or the link of a tablespace. */
int	 restore_entry_dir(struct restore_entry *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 restore_entry_link(struct restore_entry *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin a file in the fetcher.  Its chunks are to be given to the fetcher
 * afterwards, unless *passed says that none are needed.  With "empty" it
 * becomes all zeros, whatever it holds.
 */
int	 restore_entry_file(struct restore_entry *,
	    const struct manifest_entry *, int empty, int *passed,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_ENTRY_H */
