/* SPDX-License-Identifier: ISC */
#ifndef CHECK_FACTDIR_H
#define CHECK_FACTDIR_H

#include "check/checkfacts.h"

/*
 * Find the data directory, the configured one or the one that the server
 * names, and look at it: sets the part "The data directory".  One of another
 * cluster than the server's is none.
 */
void	 factdir_look(struct checkfacts *) __attribute__((nonnull));

#endif /* CHECK_FACTDIR_H */
