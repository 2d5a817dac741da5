/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKRECOVERY_H
#define CHECK_CHECKRECOVERY_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The checks of what a restore reaches, as backup-check(1) has them.
 * checkrecovery_recoverable() asks the repository when its last segment came
 * and what was streamed behind it, and fails as catalogue_archived() and
 * streamed_find() do.
 */
int	 checkrecovery_recoverable(const struct checkfacts *,
	    struct checkreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 checkrecovery_gaps(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKRECOVERY_H */
