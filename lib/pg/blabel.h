/* SPDX-License-Identifier: ISC */
#ifndef PG_BLABEL_H
#define PG_BLABEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * backup_label and tablespace_map, as pg_backup_stop() returns them
 * (build_backup_content in src/backend/access/transam/xlogbackup.c,
 * read_backup_label and read_tablespace_map in xlogrecovery.c).  They are
 * stored and restored byte for byte; this only looks into them.
 */
#define BLABEL_LABEL	1025	/* MAXPGPATH of label, and a NUL */

struct blabel {
	uint64_t	 start;		/* redo location: replay starts here */
	struct walname	 segment;	/* the file that holds it */
	uint64_t	 checkpoint;
	int		 streamed;	/* BACKUP METHOD: streamed */
	int		 standby;	/* BACKUP FROM: standby */
	uint32_t	 tli;		/* START TIMELINE */
	int		 incremental;	/* made by pg_basebackup -i (17) */
	char		 time[128];	/* START TIME in the server's zone */
	char		 label[BLABEL_LABEL];
};

/*
 * ERR_CORRUPT unless the first two lines, the method, the origin and the
 * timeline are there and agree with each other and with "segsize".
 */
int	 blabel_parse(const char *, size_t n, uint32_t segsize,
	    struct blabel *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The next line of a tablespace_map: advances *at to the line behind it,
 * which is "end" after the last.  Backslashes are taken off *path, which is
 * of "size" bytes.  Returns 1, 0 at the end, or -1: ERR_CORRUPT if a line
 * is not an OID, a blank and an absolute path.
 */
int	 blabel_map_next(const char **at, const char *end, uint32_t *oid,
	    char *path, size_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The other way: one line, for a restore to other places.  ERR_LOCAL if it
 * does not fit.
 */
int	 blabel_map_format(char *buf, size_t size, uint32_t oid,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_BLABEL_H */
