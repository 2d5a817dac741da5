/* SPDX-License-Identifier: ISC */
#ifndef PG_WALXACT_H
#define PG_WALXACT_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walseg.h"

/*
 * When transactions ended, by the records of one WAL segment: each commit
 * and abort bears its time, and recovery to a time stops at the first one
 * that is later (recoveryStopsBefore in xlogrecovery.c).
 *
 *	walxact_begin(&x)
 *	for each piece from the segment's first byte on: walxact_add(&x, p, n)
 *	walxact_last(&x)
 *
 * A record that begins in another segment, or does not end in this one, is
 * left out.  Only records whose CRC is right count.  Layouts are those of
 * xlogrecord.h, xlog_internal.h and xact.h, the same from PostgreSQL 13 to
 * 18; of bytes that follow none of them nothing is found.
 */
#define WALXACT_RECORD	64	/* bytes of a record that may matter */
#define WALXACT_NONE	INT64_MIN

/* All members are this file's own. */
struct walxact {
	uint64_t	 off;		/* bytes seen */
	uint32_t	 blcksz;	/* of the segment; 0: not known yet */
	uint8_t		 page[WALSEG_HEADER];	/* a page's header, as far */
	size_t		 npage, want;	/* as it was seen, and its length */
	uint64_t	 skip;		/* of what is not looked at */
	uint8_t		 rec[WALXACT_RECORD];	/* the record's first bytes */
	size_t		 nrec;
	uint32_t	 total, seen;	/* of the record under way, or 0 */
	uint32_t	 crc;		/* of its bytes behind the header */
	int		 stop;		/* nothing follows, or no sense */
	int64_t		 last;
};

void	 walxact_begin(struct walxact *);
void	 walxact_add(struct walxact *, const void *, size_t);

/* Microseconds since 1970, or WALXACT_NONE. */
int64_t	 walxact_last(const struct walxact *);

#endif /* PG_WALXACT_H */
