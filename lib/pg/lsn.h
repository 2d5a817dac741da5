/* SPDX-License-Identifier: ISC */
#ifndef PG_LSN_H
#define PG_LSN_H

#include <stdint.h>

#include "base/err.h"

/*
 * A log sequence number: a byte position in the WAL, written as two
 * hexadecimal halves, "16/B374D848" (src/backend/utils/adt/pg_lsn.c).
 */
#define LSN_TEXT	18

/*
 * Read all of "s": one to eight digits of either case, '/', one to eight
 * digits.  ERR_CONFIG otherwise.
 */
int	 lsn_parse(const char *s, uint64_t *out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* As PostgreSQL 13 to 18 print it: upper case, no leading zeros. */
const char *lsn_format(char buf[LSN_TEXT], uint64_t lsn);

#endif /* PG_LSN_H */
