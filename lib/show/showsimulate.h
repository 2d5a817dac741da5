/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWSIMULATE_H
#define SHOW_SHOWSIMULATE_H

#include <stdio.h>

#include "base/jval.h"
#include "expire/expire.h"
#include "repo/archive.h"

/*
 * What expiry would keep of one cluster on each of the coming days
 * (plan/simulate.h).
 */
struct showsimulate {
	const struct archive	*archive;	/* server, system identifier */
	const struct expire	*expire;	/* planned, with the policy */
	struct retention_policy	 policy;
	uint64_t		 days;
};

/*
 * Append it to "list" as an object, in which each day has all its backups; if
 * "list" is NULL, print it for people: all backups of the first day, and of
 * the others those that have changed.
 */
int	 showsimulate_show(FILE *out, struct jval *list,
	    const struct showsimulate *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4)));

#endif /* SHOW_SHOWSIMULATE_H */
