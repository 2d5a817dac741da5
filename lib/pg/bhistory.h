/* SPDX-License-Identifier: ISC */
#ifndef PG_BHISTORY_H
#define PG_BHISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The history file of a backup, which PostgreSQL writes into pg_wal and
 * archives when a backup ends (build_backup_content in
 * src/backend/access/transam/xlogbackup.c).  Its name is that of the backup's
 * first segment, the offset of its start there, and ".backup".
 */
struct bhistory {
	uint64_t	 start, stop;	/* START and STOP WAL LOCATION */
	uint32_t	 start_tli, stop_tli;
};

/*
 * Read the "n" bytes at "p".  ERR_CORRUPT unless each of the four lines is
 * there exactly once; others are skipped.
 */
int	 bhistory_parse(const char *p, size_t n, struct bhistory *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* PG_BHISTORY_H */
