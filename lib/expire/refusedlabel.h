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

struct refusedlabel {
	const char *const *ids;		/* of backups, as a person gave them */
	size_t		 n;
	const char	*state_dir;	/* what this host has seen; NULL */
	int		 dry;		/* only call "each" */
	refusedlabel_each *each;
};

/*
 * Set aside the labels of those of these backups whose labels the catalogue
 * has refused, and load the catalogue anew if there were any.  This host
 * forgets that it saw them (catalogue/rollbackcheck.h), since a person took
 * them away.  On failure *cat may be NULL.
 */
int	 refusedlabel_run(struct catalogue **cat, struct archive *,
	    const struct refusedlabel *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REFUSEDLABEL_H */
