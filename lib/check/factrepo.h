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
 * Whatever fails is the reason why it is not known.
 */
void	 factrepo_load(struct checkfacts *) __attribute__((nonnull));

#endif /* CHECK_FACTREPO_H */
