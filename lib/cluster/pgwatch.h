/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGWATCH_H
#define CLUSTER_PGWATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/pgarchiver.h"
#include "cluster/pgsession.h"
#include "pg/walname.h"

/*
 * What a running server says of its archiving at this moment: for
 * backup-check.  All times are in microseconds since 1970 by the server's
 * clock, and INT64_MIN where there is none.
 */
#define PGWATCH_TEXT	1024

struct pgwatch {
	int64_t		 started_us;	/* when the server started */
	char		 command[PGWATCH_TEXT];	/* archive_command, cut */
	char		 library[PGWATCH_TEXT];	/* archive_library; "" */
	char		 wal_level[16];
	/* Of pg_stat_archiver: the last file of each kind, "" if none. */
	char		 archived[PGARCHIVER_NAME];
	char		 failed[PGARCHIVER_NAME];	/* since the former */
	int64_t		 archived_us, failed_us;
	/*
	 * Where a primary writes: the position up to which WAL is flushed, and
	 * its timeline; 0 and 0 on a standby.  It is asked for before the
	 * files below are listed (see plan/archiving.h).
	 */
	uint64_t	 lsn;
	uint32_t	 timeline;
	/*
	 * The files in archive_status that wait to be archived.  To list them
	 * takes membership in pg_monitor; without it "listed" is 0.
	 */
	int		 listed;
	uint64_t	 nready;	/* files of all kinds */
	uint64_t	 nsegments;	/* segments among them */
	int64_t		 oldest_us;	/* since when the oldest one waits */
	char		 first[WALNAME_TEXT];	/* the lowest segment of
						 * "timeline"; "": none */
};

/*
 * Ask.  Needs membership in pg_read_all_settings.  On failure *out is
 * untouched.  Failures are those of pgsession.h.
 */
int	 pgwatch_get(struct pgsession *, struct pgwatch *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write a little WAL that means nothing, and switch to a new segment, on a
 * primary: so a segment ends even where nobody writes.  "name" gets the name
 * of the segment that ended.  Needs EXECUTE on pg_switch_wal().
 */
int	 pgwatch_switch(struct pgsession *, char name[WALNAME_TEXT],
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_PGWATCH_H */
