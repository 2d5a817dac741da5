/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALARCHIVE_H
#define WAL_WALARCHIVE_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"

/*
 * WAL files out of the archive into local files, and whether they are there.
 * The way into the archive is walpush.h.
 */

/*
 * The beginning of the names of unfinished files in pg_wal.  PostgreSQL uses
 * it for its own, and removes such files when it starts after a crash
 * (RemoveTempXlogFiles in xlog.c); so what a killed wal-fetch leaves goes too.
 */
#define WALARCHIVE_TEMP	"xlogtemp"

/*
 * Fetch the WAL file "name" into the local file "path", which appears complete
 * or not at all, with mode 0600.  Returns 0; 1 if it is proved that the archive
 * does not have the file and that WAL ends before it; WALFETCH_STREAMED if so,
 * though part of it was streamed (see walfetch_run()); or -1.
 */
int	 walarchive_fetch(struct archive *, const char *name,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the archive lists all segments from "first" to "last", both included
 * and of one timeline.  Files without a byte do not count; what is in the
 * others is asked in walheads.h.  Returns 0 if so; 1
 * if not, with the name of the first missing one in "missing"; or -1.
 */
int	 walarchive_has(struct archive *, const struct walname *first,
	    const struct walname *last, uint32_t segsize,
	    char missing[WALNAME_TEXT], struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALARCHIVE_H */
