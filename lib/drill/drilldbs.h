/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLDBS_H
#define DRILL_DRILLDBS_H

#include "cluster/sql.h"
#include "drill/drillcheck.h"

/* The databases of an open server, for the checks that look at each. */
struct drilldbs {
	PGresult	*res;		/* owned */
	int		 n;
};

/* All but template0, by name.  The caller releases them. */
int	 drilldbs_list(struct drilldbs *, const struct drillcheck *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 drilldbs_free(struct drilldbs *) __attribute__((nonnull));
const char *drilldbs_name(const struct drilldbs *, int i);

/*
 * Whether the check is to be made of database "i": it was restored.  One that
 * allows no connections makes the check skipped.
 */
int	 drilldbs_wanted(const struct drilldbs *, int i,
	    const struct drillcheck *, enum drillreport_check);

/* Those of --only-database that are not there any more make it skipped. */
void	 drilldbs_miss(const struct drilldbs *, const struct drillcheck *,
	    enum drillreport_check);

/*
 * A statement that returns rows, and one that returns none, in a database.
 * They may take long.  They fail as sql_query().
 */
int	 drilldbs_query(const struct drillcheck *, const char *db,
	    const char *text, PGresult **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 drilldbs_command(const struct drillcheck *, const char *db,
	    const char *text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLDBS_H */
