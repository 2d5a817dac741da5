/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_DELTACHECK_H
#define RESTORE_DELTACHECK_H

#include "datadir/syncset.h"
#include "datadir/tree.h"
#include "restore/restore_conf.h"

/*
 * Whether a delta restore can be done, found out before anything is changed.
 * The manifest is read to its end.  The packs that it needs are in the
 * repository, as long as it says.  The directories that the restore goes into
 * are owned by this user, and what it would remove can be removed.  No file
 * is opened.
 *
 * Returns 0, or -1: ERR_CORRUPT for what the repository lacks, ERR_CONFIG or
 * ERR_LOCAL for what stands in the way on this host, ERR_REMOTE.
 *
 * The file system of each directory of "tree" is added to "written", so that
 * the restore's own sync covers it.
 */
int	 deltacheck(const struct restore_conf *, struct archive *,
	    struct tree *tree, struct syncset *written, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_DELTACHECK_H */
