/* SPDX-License-Identifier: ISC */
#ifndef PG_TSMAP_H
#define PG_TSMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * tablespace_map, as pg_backup_stop() returns it: a line with OID and path
 * for each tablespace (do_pg_backup_start in
 * src/backend/access/transam/xlog.c, read_tablespace_map in
 * xlogrecovery.c).  Line feeds, carriage returns and backslashes in a path
 * stand behind a backslash.
 */

/*
 * The next line: advances *at to the one behind it, which is "end" after
 * the last.  The path goes to "path", of "size" bytes.  Returns 1; 0 at the
 * end; or -1: ERR_CORRUPT if a line is not an OID, a blank, an absolute path
 * and a line feed, or does not fit.
 */
int	 tsmap_next(const char **at, const char *end, uint32_t *oid,
	    char *path, size_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * One line, the other way, for a restore to other places.  ERR_LOCAL if it
 * does not fit.
 */
int	 tsmap_format(char *buf, size_t size, uint32_t oid, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PG_TSMAP_H */
