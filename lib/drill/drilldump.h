/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLDUMP_H
#define DRILL_DRILLDUMP_H

#include "drill/drillcheck.h"

/*
 * Dump conf->dump_db, or the tables of it that are named, to conf->dump_file in
 * pg_dump's custom format.  The file gets its name when it is complete and
 * durable, and replaces none.  ERR_CONFLICT if it exists, ERR_PG if pg_dump
 * fails, ERR_CONFIG if there is no pg_dump.
 */
int	 drilldump(struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLDUMP_H */
