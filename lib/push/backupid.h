/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BACKUPID_H
#define PUSH_BACKUPID_H

#include <stdint.h>

#include "repo/connection.h"
#include "repo/layout.h"

/*
 * Make the directory of a new backup in the repository.  Its name is the
 * backup's id: the start time, "20261122T040001Z", followed by "-2" to "-999"
 * if that is taken.  Directories are never replaced, so no two pushes get the
 * same id.  Returns ERR_CONFLICT if all suffixes are taken.
 */
int	 backupid_take(char id[LAYOUT_ID], struct connection *,
	    int64_t start_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove that directory, of a push that is refused and has put nothing there.
 * A server that permits no removals keeps it.
 */
void	 backupid_return(const char *id, struct connection *)
	    __attribute__((nonnull));

#endif /* PUSH_BACKUPID_H */
