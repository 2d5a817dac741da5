/* SPDX-License-Identifier: ISC */
#ifndef PUSH_STREAMSOURCE_H
#define PUSH_STREAMSOURCE_H

#include "push/pushrun.h"

/*
 * What PostgreSQL sends for BASE_BACKUP, from any host (cluster/basebackup.h).
 *
 * The archives come in no order.  So what earlier pushes stored is looked up
 * by path (reuse_index()), and what is copied is recorded in the order in
 * which it comes and sorted at the end (recordset.h), both in files without
 * names in state_dir.  Only then it goes into the spool: a push that dies is
 * not resumed.
 *
 * The backup is refused, with ERR_PG, unless
 *   each archive is a tar of the files that may be there (pgtar.h);
 *   backup_label is of this backup, and pg_control of this cluster and not
 *   older than the backup's start, and the last of the files;
 *   the server's backup_manifest lists what arrived, and nothing else: each
 *   file with its size and CRC, in a text with the right checksum;
 *   the server says in the end that it stopped the backup, on the timeline on
 *   which it started, and that no page failed its checksum.
 *
 * Times are by the server's clock, which the header of backup_label tells to
 * the second.
 */
extern const struct pushsource streamsource;

#endif /* PUSH_STREAMSOURCE_H */
