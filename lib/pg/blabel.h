/* SPDX-License-Identifier: ISC */
#ifndef PG_BLABEL_H
#define PG_BLABEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * backup_label, as pg_backup_stop() returns it (build_backup_content in
 * src/backend/access/transam/xlogbackup.c, read_backup_label in
 * xlogrecovery.c).  It is stored and restored byte for byte; this only looks
 * into it.
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
 * ERR_CORRUPT unless each line named above is there once and they agree
 * with each other and with "segsize".  Other lines are skipped.  A label of
 * several lines, which PostgreSQL allows, is cut at its first; one that
 * imitates other lines is refused.
 */
int	 blabel_parse(const char *, size_t n, uint32_t segsize,
	    struct blabel *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_BLABEL_H */
