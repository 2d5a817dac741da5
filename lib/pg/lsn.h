/* SPDX-License-Identifier: ISC */
#ifndef PG_LSN_H
#define PG_LSN_H

#include <stdint.h>

#include "base/err.h"

/*
 * A log sequence number: a byte's position in the WAL.  Its text is two
 * hexadecimal halves, "16/B374D848" (src/backend/utils/adt/pg_lsn.c).
 */
#define LSN_TEXT	18

/*
 * Read all of "s": one to eight hexadecimal digits in either case, '/', and
 * one to eight more.  ERR_CONFIG for any other text.
 */
int	 lsn_parse(const char *s, uint64_t *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write an LSN as PostgreSQL 13 to 18 do, in upper case without leading
 * zeros.  Returns "buf".
 */
const char *lsn_format(char buf[LSN_TEXT], uint64_t lsn);

/* A part of the WAL, from "start" up to, not including, "end". */
struct lsn_range {
	uint64_t	 start, end;
};

#endif /* PG_LSN_H */
