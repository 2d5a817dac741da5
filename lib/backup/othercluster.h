/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_OTHERCLUSTER_H
#define BACKUP_OTHERCLUSTER_H

#include "crypt/key.h"
#include "store/store.h"

/*
 * Describe, for the user who pushes the first of the cluster "system_id", the
 * other clusters that this server has had: their number, and of the one with
 * the newest backup its system identifier, since when it has been in the
 * repository, and that backup.  After initdb and pg_upgrade there is such a
 * cluster, and after a slip in a configuration, too.
 *
 * Returns 0 and the line; 1 if there is no other, or the cluster itself has a
 * backup; or -1.  It uses a connection of its own.
 */
#define OTHERCLUSTER_TEXT	448

int	 othercluster_text(char text[OTHERCLUSTER_TEXT],
	    const struct store_conf *, const struct key *, const char *server,
	    uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BACKUP_OTHERCLUSTER_H */
