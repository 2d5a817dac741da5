/* SPDX-License-Identifier: ISC */
#ifndef CHECK_FACTREPO_H
#define CHECK_FACTREPO_H

#include "check/checkfacts.h"

/*
 * Connect to the repository and load what it holds of one cluster of the
 * server: sets the part "The repository", without the backups under way.
 *
 * That cluster is the one that the server is, or else the data directory's.
 * Where neither is known, or the repository does not have it, it is the one
 * that initdb made last.
 *
 * What fails there is the reason why it is not known.  ERR_LOCAL if memory is
 * short.
 */
int	 factrepo_load(struct checkfacts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_FACTREPO_H */
