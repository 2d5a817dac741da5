/* SPDX-License-Identifier: ISC */
#ifndef CHECK_GATHER_H
#define CHECK_GATHER_H

#include "check/checkfacts.h"

/* What to gather. */
struct gather_need {
	int		 sql, dir, repo;
	int		 receiver;	/* wait a moment for one that left */
};

/*
 * Gather the facts of a server, in the order that checkfacts.h says.  Release
 * them with checkfacts_fini().
 */
void	 gather_facts(struct checkfacts *, const struct check_conf *,
	    struct gather_need) __attribute__((nonnull));

#endif /* CHECK_GATHER_H */
