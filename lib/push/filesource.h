/* SPDX-License-Identifier: ISC */
#ifndef PUSH_FILESOURCE_H
#define PUSH_FILESOURCE_H

#include "push/pushrun.h"

/*
 * The files of the data directory on this host, between pg_backup_start() and
 * pg_backup_stop() in an SQL session.
 */
extern const struct pushsource filesource;

/*
 * Hand an entry of a data directory to the jobs, with what an earlier backup
 * has of it.  In ascending order of path; reuse_end() comes after the last.
 */
int	 filesource_entry(struct pushrun *, struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_FILESOURCE_H */
