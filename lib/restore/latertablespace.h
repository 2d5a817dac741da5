/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_LATERTABLESPACE_H
#define RESTORE_LATERTABLESPACE_H

#include "catalogue/catalogue.h"
#include "restore/laterfacts.h"
#include "restore/restore_conf.h"

/*
 * Refuse a restore whose replay may come to a tablespace that was made during
 * the backup or after it, and whose directory on this host is not empty and
 * lies outside of the new data directory.  PostgreSQL makes such a tablespace
 * where it was, whatever maps there are, and takes what it finds there for its
 * own: the original would lose its rows.  A restore to the recorded place
 * itself is not refused.
 *
 * ERR_CONFIG with the path.
 */

/*
 * By archived WAL, as basefetch_later() read it.  One that the backup has, too,
 * counts unless it is restored to where it was.
 */
int	 latertablespace_records(const struct restore_conf *,
	    const struct laterfacts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * By what is known without WAL: later labels of "cat", and the data directories
 * of this cluster on this host, the recorded one and those of running servers.
 * The caller leaves this out where recovery stops at the end of the backup.
 */
int	 latertablespace_check(const struct restore_conf *,
	    const struct catalogue *cat, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_LATERTABLESPACE_H */
