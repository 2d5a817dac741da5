/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVEDIR_H
#define RECEIVE_RECEIVEDIR_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The folder with the local files of segments under way,
 * STATE_DIR/SERVER/SYSTEMID/receive-SLOT.  Nothing in it is of use to a later
 * connection, which receives each segment from its first byte.
 */
int	 receivedir_make(char path[PATH_MAX], const char *state_dir,
	    const char *server, uint64_t system_id, const char *slot,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Remove the files in it.  Only for the holder of the slot: before that they
 * may be another process's.
 */
int	 receivedir_clear(const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVEDIR_H */
