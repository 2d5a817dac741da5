/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PINRELEASE_H
#define CATALOGUE_PINRELEASE_H

#include "catalogue/catalogue.h"
#include "catalogue/pinning.h"

/*
 * Releasing a pin behind which WAL has expired.
 *
 * Only the pin says that this gap is no damage (lib/FORMAT.md, 10).  The backup
 * may stay for a while when its pin is gone: its directory has just changed, so
 * it is young (plan/retention.h), or the policy keeps it.  Hence such a pin is
 * not removed, but ends; it goes with its backup.
 */

/*
 * Whether WAL is missing right behind the backup, or behind a pinned one
 * further on, and later WAL is there.  Returns 1, 0, or -1 (ERR_LOCAL) if
 * memory is short.
 */
int	 pinrelease_gap(const struct catalogue *, size_t label, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Release the pin of backup "id", one of the catalogue: remove it, or, if there
 * is such a gap, put one in its place that ended a day ago, which is past by
 * every clock that expiry accepts.  Returns as pinning_release() does, and
 * fails as that and pinning_set() do.
 */
int	 pinrelease_run(struct archive *, const struct catalogue *,
	    const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_PINRELEASE_H */
