/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_REPLFACTS_H
#define CLUSTER_REPLFACTS_H

#include "cluster/pgfacts.h"
#include "cluster/sql.h"

/*
 * What can be known of a server over a replication connection, by
 * IDENTIFY_SYSTEM and SHOW, which need no privilege but REPLICATION:
 * version, system_id, timeline, segment_size, block_size, relseg_blocks,
 * checksums, full_page_writes, and of "archive" whether it is
 * PGFACTS_ARCHIVE_OFF.  data_directory is "" unless the role may read that
 * setting.  All else is zero.
 *
 * Failures are those of sql.h; ERR_PG for a server older than PostgreSQL 13,
 * and for answers that cannot be.
 */
int	 replfacts_get(struct sql *s, struct pgfacts *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_REPLFACTS_H */
