/* SPDX-License-Identifier: ISC */
#ifndef STORE_LOCAL_FS_H
#define STORE_LOCAL_FS_H

#include "store/backend.h"

/* For the files local*.c only. */

/* "VERB PATH: why", from errno; a full disk is named.  Returns -1. */
int	 local_fs_fail(const struct store *, const char *verb,
	    const char *path, struct err *);

/* Make the directories above "path", from the root on. */
int	 local_fs_mkdirs(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/* Make the name "path" durable, and the directories it lies in. */
int	 local_fs_sync_name(struct store *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

#endif /* STORE_LOCAL_FS_H */
