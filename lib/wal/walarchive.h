/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALARCHIVE_H
#define WAL_WALARCHIVE_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"
#include "stream/sink.h"

/* WAL files out of the archive.  In: walpush.h. */

/*
 * How files under way to pg_wal are called: what a killed wal-fetch leaves
 * there PostgreSQL takes for its own and removes when it starts after a crash
 * (RemoveTempXlogFiles in xlog.c).
 */
#define WALARCHIVE_TEMP	"xlogtemp"

/*
 * Fetch one WAL file into the local file "path", which appears complete or
 * not at all, mode 0600.  Returns 0; 1 if it is proved absent, as walfetch.h
 * says it; or -1.
 */
int	 walarchive_fetch(struct archive *, const char *name,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether all segments from "first" to "last", of one timeline and both
 * included, are in the archive.  Returns 0, 1 if not and then the name of the
 * first one that is missing in "missing", or -1.
 */
int	 walarchive_has(struct archive *, const struct walname *first,
	    const struct walname *last, uint32_t segsize,
	    char missing[WALNAME_TEXT], struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALARCHIVE_H */
