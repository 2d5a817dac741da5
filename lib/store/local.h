/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include "store/storetypes.h"

/*
 * A store in a directory of this host: a mounted file system, or the
 * storage host itself.  Publishing is link(2), which never replaces.  What
 * fails is ERR_REMOTE all the same: it is the repository that failed.
 */
int	 local_open(struct store **, const char *root, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_LOCAL_H */
