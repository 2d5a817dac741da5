/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWHISTORY_H
#define SHOW_SHOWHISTORY_H

#include <stdio.h>

#include "base/jval.h"
#include "tool/serverconf.h"

/*
 * Print the history of a server's runs on this host (tool/runhistory.h), the
 * newest last: a line for each.  With "list" append an object for each instead.
 */
int	 showhistory_server(FILE *out, struct jval *list,
	    const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4)));

#endif /* SHOW_SHOWHISTORY_H */
