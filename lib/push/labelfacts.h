/* SPDX-License-Identifier: ISC */
#ifndef PUSH_LABELFACTS_H
#define PUSH_LABELFACTS_H

#include "backup/label.h"
#include "cluster/pgfacts.h"
#include "cluster/pgsession.h"

/*
 * Write into a new backup's label what PostgreSQL says of its cluster and of
 * the backup's start, tablespaces included.  Once for each label.
 */
int	 labelfacts_take(struct label *, struct pgsession *,
	    const struct pgfacts *, const struct pgsession_start *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Called with each tablespace's link that is copied: "path" is
 * pg_tblspc/OID, and "target" is where it leads.  A tablespace that was made
 * after labelfacts_take() is added to the label, since a restore asks the
 * label which tablespaces there are.
 */
int	 labelfacts_tablespace(struct label *, struct pgsession *,
	    const char *path, const char *target, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_LABELFACTS_H */
