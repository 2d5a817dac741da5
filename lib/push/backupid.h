/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BACKUPID_H
#define PUSH_BACKUPID_H

#include <stdint.h>

#include "repo/connection.h"
#include "repo/layout.h"

/*
 * Make the directory of a new backup in the repository; its name is the
 * backup's id: the start time, and a suffix where that is taken ("-2" to
 * "-999", then ERR_CONFLICT).  Nobody else can have the same id.
 */
int	 backupid_take(char id[LAYOUT_ID], struct connection *,
	    int64_t start_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_BACKUPID_H */
