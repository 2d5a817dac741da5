/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWBACKUP_H
#define SHOW_SHOWBACKUP_H

#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/window.h"
#include "repo/archive.h"
#include "show/show.h"

/*
 * The listing of backup-show: one backup, and what the rest of its cluster
 * says about it.  All is borrowed.
 */
struct showbackup {
	const struct archive	*archive;	/* server, system identifier */
	const struct catalogue	*cat;
	size_t			 index;		/* among its labels */
	const struct window	*window;	/* of that catalogue */
	struct show_reach	 reach;		/* of the backup, if whole */
};

/* Print it for people. */
void	 showbackup_print(FILE *out, const struct showbackup *)
	    __attribute__((nonnull));

/* Make a JSON object of it, which the caller frees. */
int	 showbackup_json(struct jval **, const struct showbackup *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWBACKUP_H */
