/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SYSTEMS_H
#define TOOL_SYSTEMS_H

#include "crypt/key.h"
#include "repo/archive.h"
#include "tool/conf.h"

/*
 * Do something for each cluster that a server has had (each system
 * identifier below ROOT/SERVER), over one connection.  ERR_ABSENT if there
 * is none; "each" returns 0, or -1 to stop with its own error.
 */
typedef int	 systems_each(void *arg, struct archive *, struct err *);

int	 systems_visit(const struct server_conf *, const struct key *,
	    systems_each *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

#endif /* TOOL_SYSTEMS_H */
