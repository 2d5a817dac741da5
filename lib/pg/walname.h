/* SPDX-License-Identifier: ISC */
#ifndef PG_WALNAME_H
#define PG_WALNAME_H

#include <stdint.h>

#include "base/err.h"

/*
 * The names of WAL files, as PostgreSQL spells them
 * (src/include/access/xlog_internal.h).  walname_parse() is the gate for
 * names from outside: what passed it is a value, and its text, made by
 * walname_format(), is the very text that was parsed and holds no '/'.
 *
 * A segment's name is its timeline and its number, split in two: "log"
 * counts spans of 4 GiB and "seg" the segments within one, so that how many
 * values "seg" has depends on the segment size: 256 for 16 MiB.
 *
 * A segment size is a power of two from 1 MiB to 1 GiB.  Every "segsize"
 * below must be one; walname_segsize_ok() is the gate.
 */
enum walname_kind {
	WALNAME_SEGMENT,	/* 000000010000000A000000FF */
	WALNAME_PARTIAL,	/* 000000010000000A000000FF.partial */
	WALNAME_BACKUP,		/* 000000010000000A000000FF.00000028.backup */
	WALNAME_HISTORY		/* 00000002.history */
};

struct walname {
	enum walname_kind kind;
	uint32_t	 tli;		/* timeline, 1 or more */
	uint32_t	 log, seg;	/* zero for WALNAME_HISTORY */
	uint32_t	 offset;	/* of a backup's start in its segment */
};

#define WALNAME_TEXT	48

/*
 * ERR_USAGE unless "name" is exactly one of the four: upper-case digits,
 * nothing before or behind, a timeline other than 0.
 */
int	 walname_parse(const char *name, struct walname *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
const char *walname_format(char buf[WALNAME_TEXT], const struct walname *);

int	 walname_segsize_ok(uint64_t segsize);

/*
 * Whether a cluster with this segment size can have made the name: "seg"
 * and "offset" are within their bounds.  ERR_CORRUPT that names the segment
 * size otherwise.  Names of other clusters and damaged names fail here.
 */
int	 walname_check(const struct walname *, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The number of a segment that passed walname_check(), and its first byte. */
uint64_t walname_segno(const struct walname *, uint32_t segsize);
uint64_t walname_lsn(const struct walname *, uint32_t segsize);

/* The segment that holds the byte at "lsn". */
struct walname walname_at(uint32_t tli, uint64_t lsn, uint32_t segsize);

/*
 * The last segment that is needed to replay up to, not including, "lsn".
 * Where "lsn" is the first byte of a segment, that is the one before.
 */
struct walname walname_before(uint32_t tli, uint64_t lsn, uint32_t segsize);

/* The segment that follows, of the same timeline. */
struct walname walname_next(const struct walname *, uint32_t segsize);

#endif /* PG_WALNAME_H */
