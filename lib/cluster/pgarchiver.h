/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGARCHIVER_H
#define CLUSTER_PGARCHIVER_H

#include <stdint.h>

#include "base/err.h"
#include "cluster/pgsession.h"
#include "pg/walname.h"

/*
 * What the server's archiver did last, from the view pg_stat_archiver.  The
 * view is empty after a crash and after pg_stat_reset_shared(), and a standby
 * has one of its own.  Any role may read it.
 */
#define PGARCHIVER_NAME	48

struct pgarchiver {
	char		 archived[PGARCHIVER_NAME];	/* the last file whose
						   archive_command returned 0;
						   "": none is known */
	int64_t		 archived_us;		/* when, server's clock */
	char		 failed[PGARCHIVER_NAME];	/* the file that it
						   failed on last, if it has
						   archived none since; or "" */
};

/* Ask.  Failures are those of pgsession.h. */
int	 pgarchiver_get(struct pgsession *, struct pgarchiver *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether the archiver says that segment "w" is archived: because it archived
 * that or a later one of its timeline, at "since_us" or later.  It takes files
 * in the order of their names, so what comes before the last one is done.
 */
int	 pgarchiver_passed(const struct pgarchiver *, const struct walname *w,
	    uint32_t segsize, int64_t since_us)
	    __attribute__((nonnull));

#endif /* CLUSTER_PGARCHIVER_H */
