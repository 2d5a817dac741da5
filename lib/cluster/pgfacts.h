/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGFACTS_H
#define CLUSTER_PGFACTS_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"
#include "pg/relpath.h"

/*
 * What a running server says of itself and of its cluster, in one question
 * of a session.
 *
 *	if (pgfacts_get(s, &facts, e) || pgfacts_check_archive(&facts, e))
 *		return (-1);
 *
 * Failures are those of pgsession.h.
 */
enum pgfacts_archive {
	PGFACTS_ARCHIVE_OFF,	/* archive_mode = off */
	PGFACTS_ARCHIVE_UNSET,	/* on, but neither command nor library */
	PGFACTS_ARCHIVE_HELD,	/* on, and archive_command = 'false' */
	PGFACTS_ARCHIVE_ON,	/* on, with a command or a library */
	PGFACTS_ARCHIVE_ALWAYS	/* archive_mode = always, with one of them */
};

/*
 * Most of them come from global/pg_control by pg_control_system(),
 * pg_control_checkpoint() and pg_control_init() ("Control Data Functions" in
 * PostgreSQL's manual), "stuck_wal" from the view pg_stat_archiver, the rest
 * from settings.
 */
struct pgfacts {
	uint32_t	 version;	/* server_version_num: 150020 */
	uint32_t	 catalog_version;
	uint64_t	 system_id;
	uint32_t	 timeline;	/* of the last checkpoint */
	int		 in_recovery;
	uint32_t	 segment_size;	/* of WAL, bytes */
	uint32_t	 block_size;	/* of relations, bytes */
	uint32_t	 relseg_blocks;	/* blocks in a file of a relation */
	int		 checksums;	/* whether data pages have them */
	int		 full_page_writes;	/* this server's setting; a
						   standby's says nothing of
						   its primary's */
	int		 summarize_wal;	/* it makes WAL summaries; 0 before
					   17 */
	enum pgfacts_archive archive;
	char		 stuck_wal[48];	/* the file that the archiver failed
					   on last, if it has archived none
					   since; else "" */
	uint64_t	 wal_lsn;	/* a primary's, where it writes WAL;
					   0 of a standby */
	int64_t		 now_us;	/* by the server's clock */
	char		 data_directory[PATH_MAX];
	char		 tablespace_dir[RELPATH_VERSION_DIR];	/* of this
						   cluster, in a tablespace */
};

/* Needs membership in pg_read_all_settings.  On failure *out is untouched. */
int	 pgfacts_get(struct pgsession *s, struct pgfacts *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that the cluster archives its WAL, if it is to.  Returns ERR_PG with
 * what to set if it does not: nothing is set that archives, or archiving is
 * held.  With archive_mode off WAL may be received instead, so that passes
 * (push/walreceived.h).  A standby passes: its primary archives, and the
 * primary's settings cannot be seen from here.
 */
int	 pgfacts_check_archive(const struct pgfacts *f, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_PGFACTS_H */
