/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWBACKUP_H
#define SHOW_SHOWBACKUP_H

#include <stdio.h>

#include "catalogue/catalogue.h"
#include "catalogue/window.h"
#include "repo/archive.h"
#include "show/show.h"
#include "show/showkeep.h"

/*
 * The listing of backup-show: one backup, and what the rest of its cluster
 * says about it.  backupjson.h has it as JSON.  All is borrowed.
 */
struct showbackup {
	const struct archive	*archive;	/* server, system identifier */
	const struct catalogue	*cat;
	size_t			 index;		/* among its labels */
	const struct window	*window;	/* of that catalogue */
	struct show_reach	 reach;		/* of the backup, if whole */
	const struct showkeep	*keep;		/* of that catalogue */
};

/* Print it for people. */
void	 showbackup_print(FILE *out, const struct showbackup *)
	    __attribute__((nonnull));

/* Whether "l" has chunks in the packs of backup "id". */
int	 showbackup_refers(const struct label *l, const char *id)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWBACKUP_H */
