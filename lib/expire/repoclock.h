/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REPOCLOCK_H
#define EXPIRE_REPOCLOCK_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * What time it is by the repository's clock, in seconds since 1970: make a
 * directory below tmp/, look at its time and remove it.  *seconds is 0 where
 * the listing did not show it.
 */
int	 repoclock_ask(struct archive *, int64_t *seconds, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REPOCLOCK_H */
