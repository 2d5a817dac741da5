/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGLABEL_H
#define CLUSTER_PGLABEL_H

#include <stdint.h>

#include "base/err.h"

/*
 * The file backup_label and the user's text in it: what PostgreSQL's
 * do_pg_backup_start() and do_pg_backup_stop() make of it
 * (src/backend/access/transam/xlog.c).  No server is asked.
 */

/*
 * Check a text that is to become the line LABEL.  ERR_USAGE if it holds
 * control characters or is 1024 bytes or longer.
 */
int	 pglabel_check_text(const char *text, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that "label", the content of a backup_label, describes the backup
 * that started in the WAL file "walfile" at LSN "start", and that the backup's
 * end "stop" lies after it.  ERR_PG if not.
 */
int	 pglabel_check(const char *label, uint64_t stop, const char *walfile,
	    uint64_t start, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_PGLABEL_H */
