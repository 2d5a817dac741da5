/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REFUSEDLABEL_H
#define EXPIRE_REFUSEDLABEL_H

#include <stddef.h>

#include "catalogue/catalogue.h"
#include "repo/archive.h"

/*
 * Labels that readers refuse (lib/FORMAT.md, 8).  One of them stops all expiry,
 * as it is not known what its backup needs.  When a person says so it is set
 * aside, under another name in its directory: then the directory is one without
 * a label, which is swept when nothing was added for "abandoned_us".  Until
 * then it can be renamed back.
 */

/* Whether "name" is one that a label is set aside under. */
int	 refusedlabel_is_name(const char *name);

/* Called for each, with the reason and its new path; NULL in a dry run. */
typedef void	 refusedlabel_each(const char *id, const char *why,
		    const char *path);

/*
 * Set aside the labels of those of the "n" backups "ids" whose labels the
 * catalogue has refused, and load the catalogue anew if there were any; with
 * "dry" only call "each".  On failure *cat may be NULL.
 */
int	 refusedlabel_run(struct catalogue **cat, struct archive *,
	    const char *const *ids, size_t n, int dry,
	    refusedlabel_each *each, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 6, 7)));

#endif /* EXPIRE_REFUSEDLABEL_H */
