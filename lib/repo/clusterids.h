/* SPDX-License-Identifier: ISC */
#ifndef REPO_CLUSTERIDS_H
#define REPO_CLUSTERIDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/archive.h"

/*
 * The clusters of a server: the system identifiers below ROOT/SERVER, in
 * ascending order, which is the order in which initdb made the clusters: an
 * identifier begins with that time.
 */
struct clusterids {
	uint64_t	*id;		/* owned */
	size_t		 n;
	/*
	 * Names that look like clusters beside those, and are none that can
	 * be believed: they have no authentic marker.  Whoever may push can
	 * make any number of them.  In ascending order; owned.
	 */
	uint64_t	*odd;
	size_t		 nodd;
	char		 why[ERR_MSGMAX];	/* what is wrong with odd[0] */
};

/*
 * List the clusters of a->server.  The store must be at the root; where it is
 * afterwards, and a->system_id, are not defined.
 *
 * If one cluster has an authentic marker, only those that have one are in
 * c->id.  If none has, as with a disk that is not mounted, all directories
 * are, and callers find out what is wrong; then a name that is no directory is
 * ERR_CORRUPT.  A directory that holds nothing, or nothing but temporary
 * files, is left out beside others: it is what a push left that was refused.
 * If no other one is there, it is listed.
 *
 * c->n is 0 if there are none.  Call clusterids_fini() in any case.
 * ERR_CONFIG if a->server is not a name that a server can have.
 */
int	 clusterids_list(struct clusterids *c, struct archive *a,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 clusterids_fini(struct clusterids *c) __attribute__((nonnull));

#endif /* REPO_CLUSTERIDS_H */
