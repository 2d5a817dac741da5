/* SPDX-License-Identifier: ISC */
#ifndef PG_TSMAP_H
#define PG_TSMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * tablespace_map, as pg_backup_stop() returns it: one line per tablespace,
 * with its OID, a blank, and its path (do_pg_backup_start in
 * src/backend/access/transam/xlog.c; read_tablespace_map in xlogrecovery.c).
 * A backslash precedes each line feed, carriage return and backslash in a
 * path.
 */

/*
 * Read the line at *at, and advance *at behind it.  *at is "end" after the
 * last line.  The path is written to "path", of "size" bytes.  Returns 1; 0 at
 * the end; or -1, ERR_CORRUPT, if the line is not an OID, a blank, an
 * absolute path and a line feed, or if the path does not fit.
 */
int	 tsmap_next(const char **at, const char *end, uint32_t *oid,
	    char *path, size_t size, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write one line and a NUL, for a restore that moves a tablespace.
 * ERR_LOCAL if it does not fit.
 */
int	 tsmap_format(char *buf, size_t size, uint32_t oid, const char *path,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* PG_TSMAP_H */
