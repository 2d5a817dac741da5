/* SPDX-License-Identifier: ISC */
#ifndef PUSH_LABELFACTS_H
#define PUSH_LABELFACTS_H

#include "backup/label.h"
#include "cluster/pgfacts.h"
#include "cluster/pgsession.h"

/*
 * What a new backup's label says of its cluster and its start, tablespaces
 * included.  Once.
 */
int	 labelfacts_take(struct label *, struct pgsession *,
	    const struct pgfacts *, const struct pgsession_start *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * "path" is a tablespace's link.  One that came after the list was made must
 * be in the label as well: a restore goes by it.
 */
int	 labelfacts_tablespace(struct label *, struct pgsession *,
	    const char *path, const char *target, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_LABELFACTS_H */
