/* SPDX-License-Identifier: ISC */
#ifndef CHECK_GATHER_H
#define CHECK_GATHER_H

#include "check/checkfacts.h"

/* What to gather. */
struct gather_need {
	int		 sql, dir, repo;
};

/*
 * Gather the facts of a server, in the order that checkfacts.h says.  ERR_LOCAL
 * if memory is short.  Release with checkfacts_fini() in any case.
 */
int	 gather_facts(struct checkfacts *, const struct check_conf *,
	    struct gather_need, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_GATHER_H */
