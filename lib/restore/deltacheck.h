/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_DELTACHECK_H
#define RESTORE_DELTACHECK_H

#include "datadir/syncset.h"
#include "datadir/tree.h"
#include "restore/restore_conf.h"

/*
 * Whether a delta restore can be done, before anything is changed: the
 * manifest is read, and the packs that it needs are in the repository with
 * all that is said to lie in them; the directories that will be gone into
 * are ours, and what would be removed can be.  ERR_CORRUPT for what the
 * repository lacks, ERR_CONFIG or ERR_LOCAL for what this host does.  No
 * file is opened.
 *
 * The file system of each directory is added to "written".
 */
int	 deltacheck(const struct restore_conf *, struct archive *,
	    struct tree *, struct syncset *written, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_DELTACHECK_H */
