/* SPDX-License-Identifier: ISC */
#ifndef COPY_VOUCHEDNAMES_H
#define COPY_VOUCHEDNAMES_H

#include <stddef.h>

#include "repo/archive.h"
#include "repo/inventoryfile.h"
#include "repo/layout.h"

/* The inventories of a cluster, lib/FORMAT.md, 13, as files to be copied. */
struct vouchednames {
	char	(*v)[LAYOUT_PATH];	/* owned; in order */
	size_t	 n;
};

/*
 * Their paths, by their names alone.  Fails as store_list() does, or with
 * ERR_LOCAL.  Call vouchednames_fini() in any case; zeroed before.
 */
int	 vouchednames_list(struct vouchednames *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 vouchednames_has(const struct vouchednames *, const char *path)
	    __attribute__((nonnull));
void	 vouchednames_fini(struct vouchednames *) __attribute__((nonnull));

/*
 * Read the one at "path".  Returns 0; 1 if it is not there or not authentic, or
 * is denied while the marker can be read: it counts for nobody, and is left
 * out; or -1.  Call inventoryfile_fini() in any case; zeroed before.
 */
int	 vouchednames_read(struct inventoryfile *, struct archive *,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* COPY_VOUCHEDNAMES_H */
