/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REFUSEDHISTORY_H
#define EXPIRE_REFUSEDHISTORY_H

#include "catalogue/catalogue.h"
#include "expire/expire_conf.h"
#include "repo/archive.h"

/*
 * History files that readers refuse (lib/FORMAT.md, 2).  One of them stops all
 * expiry, since what descends from what is not known.  When a person says that
 * the timeline is to be deleted the file is set aside first, under another name
 * beside it, which readers pass over.  No program removes it from there: it can
 * be renamed back.
 */

/* Called with the reason and the new path; NULL in a dry run. */
typedef void	 refusedhistory_each(uint32_t tli, const char *why,
		    const char *path);

/*
 * If the history file of conf->timeline is refused, set it aside and load the
 * catalogue anew; with conf->dry only call "each".  *done is then 1 if nothing
 * else of the timeline is stored, or with conf->dry: nothing is left to do.
 * Does nothing if conf->timeline is 0.  Fails as expire_plan() does, before
 * anything is changed, if the rest of the timeline may not be deleted.  On
 * failure *cat may be NULL.
 */
int	 refusedhistory_run(struct catalogue **cat, struct archive *,
	    const struct expire_conf *conf, refusedhistory_each *each,
	    int *done, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REFUSEDHISTORY_H */
