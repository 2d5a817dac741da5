/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWPOINTS_H
#define SHOW_SHOWPOINTS_H

#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/window.h"

/*
 * Print the restore points of one cluster, and the last commit, for each
 * recovery window.  With "list" append an object for each window instead.  The
 * archive's key is a .restore key.
 */
int	 showpoints_cluster(FILE *out, struct jval *list, struct archive *,
	    const struct catalogue *, const struct window *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4, 5, 6)));

#endif /* SHOW_SHOWPOINTS_H */
