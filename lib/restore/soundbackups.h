/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_SOUNDBACKUPS_H
#define RESTORE_SOUNDBACKUPS_H

#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "plan/choose.h"

/*
 * For the plan of a restore: choose as choose_backup() does, but only among
 * backups that lack neither their manifest nor a pack.  WAL that is missing is
 * another question, since the message says how much of it there is.
 *
 * "evidence" is of the same catalogue; if it is empty, nothing was asked, and
 * no backup is left out.  out->index is that of the catalogue.  ERR_CORRUPT if
 * the backup that the target names is incomplete, or all are; else as
 * choose_backup().
 */
int	 soundbackups_choose(const struct catalogue *,
	    const struct evidence *evidence, const struct lineage_set *,
	    const struct choose_target *, struct choose_result *out,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What backup "i" of the catalogue lacks, so that it is left out; NULL if
 * nothing or WAL alone.
 */
const char *soundbackups_lacks(const struct evidence *, size_t i)
	    __attribute__((nonnull));

#endif /* RESTORE_SOUNDBACKUPS_H */
