/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_LATERTABLESPACE_H
#define RESTORE_LATERTABLESPACE_H

#include "catalogue/catalogue.h"
#include "restore/laterfacts.h"
#include "restore/restore_conf.h"

/*
 * Refuse a restore whose replay may come to a tablespace that was made after
 * the backup and whose directory on this host is not empty and lies outside
 * of the new data directory.  PostgreSQL makes such a tablespace where it
 * was, whatever maps there are, and takes what it finds there for its own:
 * the original would lose its rows.
 *
 * They are looked for in archived WAL ("later"), in later labels of "cat" and
 * in the data directories of this cluster on this host: the recorded one, and
 * those of running servers.  A restore to the recorded place itself is not
 * refused.  The caller leaves the check out where recovery stops at the end of
 * the backup.
 *
 * ERR_CONFIG with the path.
 */
int	 latertablespace_check(const struct restore_conf *,
	    const struct catalogue *cat, const struct laterfacts *later,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_LATERTABLESPACE_H */
