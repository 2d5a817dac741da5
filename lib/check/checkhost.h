/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKHOST_H
#define CHECK_CHECKHOST_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The checks of this host's memory, clock and agent, as backup-check(1) has
 * them.  Those that ask the repository fail as it does.
 */
int	 checkhost_rollback(const struct checkfacts *, struct checkreport *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 checkhost_clock(const struct checkfacts *, struct checkreport *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 checkhost_agent(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKHOST_H */
