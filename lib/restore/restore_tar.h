/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_TAR_H
#define RESTORE_RESTORE_TAR_H

#include "restore/restore_conf.h"

/*
 * Brings a base backup into tar archives, as "pg_basebackup -F t" makes them,
 * with what recovery needs inside (conf->configure).  Chunks are fetched by
 * several jobs and leave in order; memory does not grow with the backup.
 *
 * The members are in the order of the manifest; then come the signal file,
 * and, of one archive, backup_manifest.  The very last is global/pg_control:
 * from an archive that was cut off PostgreSQL does not start.
 *
 * RESTORE_TAR: one archive.  A tablespace is a directory, pg_tblspc/OID, and
 * no link.  PostgreSQL takes it so.
 *
 * RESTORE_TARS: base.tar, OID.tar for each tablespace, and backup_manifest,
 * in the directory conf->dir, which is made if it is missing.  base.tar has
 * tablespace_map, by which PostgreSQL makes the links when it starts, to
 * restore_conf_place().  base.tar gets its name last.
 *
 * No file appears before all of it is verified and durable.  After a failure
 * what went to standard output lacks its end, and pg_control.
 */

/*
 * Do it, after restore_check().  Returns 0, or -1: ERR_CORRUPT if the backup
 * is damaged, ERR_LOCAL for this host, ERR_CONFLICT if a file of an archive's
 * name appeared meanwhile, ERR_REMOTE if the repository cannot be read; and
 * the failures of conf->configure.
 */
int	 restore_tar_run(const struct restore_conf *, struct restore_stats *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_TAR_H */
