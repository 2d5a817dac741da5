/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REPOCLOCK_H
#define EXPIRE_REPOCLOCK_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * Ask what time it is by the repository's clock, in seconds since 1970: make a
 * directory below tmp/, read its time, remove it.  *seconds is 0 if the listing
 * did not show the directory.  Also removes one that another run left there a
 * day ago or earlier.
 */
int	 repoclock_ask(struct archive *, int64_t *seconds, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REPOCLOCK_H */
