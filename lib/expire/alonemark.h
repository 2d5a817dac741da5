/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_ALONEMARK_H
#define EXPIRE_ALONEMARK_H

#include "expire/expire_state.h"

/*
 * For expiry: marking backups that stand alone for a period, before the WAL
 * behind them goes.
 *
 * Nothing but a pin says that such a gap is no damage (lib/FORMAT.md, 10), so
 * a backup that has none gets one that is over, PIN_MARK: it keeps nothing.
 * It is written once, when the last WAL that leads on from the backup goes.
 */

/* Whether the backup with this label is such a one. */
int	 alonemark_needed(const struct expire *x, size_t label);

/*
 * Mark all that are.  Nothing is deleted yet, so a run that dies here leaves
 * marks that the next one removes, or needs.  Fails as pinning_mark() does.
 */
int	 alonemark_run(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_ALONEMARK_H */
