/* SPDX-License-Identifier: ISC */
#ifndef DRILL_ROWSFILE_H
#define DRILL_ROWSFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Which tables had rows in earlier drills: STATE_DIR/SERVER/rows/ with a file
 * for each, named by the cluster and by where its replay ended (the system
 * identifier, "-" and the LSN, both as decimal numbers).  Its first line is
 * "seawall drill rows 1", and each other one is a table: database, schema and
 * name as SQL has them, with a backslash and three octal digits for what is not
 * ASCII.  They are sorted as by strcmp().  It is no part of a repository, and
 * may be lost at any time.
 */
#define ROWSFILE_KEPT	8	/* the furthest of a cluster */

struct rowsfile {
	char	*text;		/* owned: the lines are separate texts */
	char	**table;	/* owned; sorted */
	size_t	 n;
	uint64_t lsn;
};

/*
 * Read that of the cluster which got furthest, but not as far as "lsn": so the
 * same drill says the same again.  The caller frees it.  Returns 0; 1 if there
 * is none; or -1: ERR_LOCAL, also for a file that is none of ours.
 */
int	 rowsfile_load(struct rowsfile *, const char *state_dir,
	    const char *server, uint64_t system_id, uint64_t lsn,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 rowsfile_free(struct rowsfile *) __attribute__((nonnull));

/*
 * Write one, durably, in the place of one of the same LSN, and remove those of
 * other clusters and all but the ROWSFILE_KEPT that got furthest.  ERR_LOCAL.
 */
int	 rowsfile_save(const char *const *table, size_t n,
	    const char *state_dir, const char *server, uint64_t system_id,
	    uint64_t lsn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_ROWSFILE_H */
