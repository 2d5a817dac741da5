/* SPDX-License-Identifier: ISC */
#ifndef PG_BLABEL_H
#define PG_BLABEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * backup_label, as pg_backup_stop() returns it (build_backup_content in
 * src/backend/access/transam/xlogbackup.c; read_backup_label in
 * xlogrecovery.c reads it).  The file is stored and restored byte for byte;
 * this module only reads it.
 */
#define BLABEL_LABEL	1025	/* MAXPGPATH bytes of label, and a NUL */

struct blabel {
	uint64_t	 start;		/* START WAL LOCATION: the redo
					   location, where replay starts */
	struct walname	 segment;	/* the file that holds it */
	uint64_t	 checkpoint;	/* CHECKPOINT LOCATION */
	int		 streamed;	/* BACKUP METHOD: streamed */
	int		 standby;	/* BACKUP FROM: standby */
	uint32_t	 tli;		/* START TIMELINE */
	int		 incremental;	/* made by pg_basebackup -i of
					   PostgreSQL 17 or later */
	char		 time[128];	/* START TIME in the server's zone */
	char		 label[BLABEL_LABEL];	/* LABEL */
};

/*
 * Read the "n" bytes at "p".  ERR_CORRUPT unless each line that is named in
 * capitals above occurs exactly once, and they agree with each other and with
 * "segsize", the size of WAL segments.  Other lines are skipped.  PostgreSQL
 * allows a label of several lines; then "label" is the first of them, and a
 * file in which the others imitate a line named above is refused.
 */
int	 blabel_parse(const char *p, size_t n, uint32_t segsize,
	    struct blabel *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_BLABEL_H */
