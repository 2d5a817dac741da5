/* SPDX-License-Identifier: ISC */
#ifndef REPO_CLUSTERIDS_H
#define REPO_CLUSTERIDS_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * The system identifiers below ROOT/SERVER in ascending order, which is the
 * order in which initdb made the clusters: an identifier begins with that
 * time.  A directory that holds nothing, or nothing but temporary files, is
 * left out beside others: it is what a push left that was refused.  If no
 * other one is there, it is listed: the disk may not be mounted.
 *
 * The store must be at the root.  *n is 0 if there are none.  The caller frees
 * *ids.  ERR_CONFIG if "server" is not a name that a server can have.
 */
int	 clusterids_list(struct store *, const char *server, uint64_t **ids,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_CLUSTERIDS_H */
