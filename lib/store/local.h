/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include "store/storetypes.h"

/*
 * Open a store in the directory "root" of this host: a mounted file system,
 * or the storage host itself.  "root" may be reached through symbolic links;
 * below it none is followed (beneath.h), but other file systems may be mounted
 * there.  Publishing is link(2), which never replaces.
 * Failures of the directory are ERR_REMOTE, since it is the repository that
 * failed.
 */
int	 local_open(struct store **, const char *root, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_LOCAL_H */
