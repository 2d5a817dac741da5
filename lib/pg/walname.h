/* SPDX-License-Identifier: ISC */
#ifndef PG_WALNAME_H
#define PG_WALNAME_H

#include <stdint.h>

#include "base/err.h"

/*
 * The names of WAL files, as PostgreSQL spells them
 * (src/include/access/xlog_internal.h).  A name from outside must pass
 * walname_parse(): walname_format() then makes the very same text, and it
 * contains no '/'.
 *
 * A segment's name holds its timeline and its number, which is split in two:
 * "log" counts spans of 4 GiB, "seg" counts the segments within a span.  How
 * many values "seg" has depends on the segment size: 256 for 16 MiB.
 *
 * A segment size is a power of two from 1 MiB to 1 GiB.  Every "segsize"
 * below must have passed walname_segsize_ok(), or the process aborts.
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
	uint32_t	 log, seg;	/* 0 for WALNAME_HISTORY */
	uint32_t	 offset;	/* WALNAME_BACKUP: where in the segment
					   the backup starts */
};

#define WALNAME_TEXT	48

/*
 * Read all of "name".  ERR_USAGE unless it is exactly one of the four kinds:
 * with upper-case digits, nothing before or behind it, and a timeline other
 * than 0.
 */
int	 walname_parse(const char *name, struct walname *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Write the name.  Returns "buf". */
const char *walname_format(char buf[WALNAME_TEXT], const struct walname *w);

/* Whether PostgreSQL can have WAL segments of this many bytes. */
int	 walname_segsize_ok(uint64_t segsize);

/*
 * Check that a cluster with this segment size can have made the name: that
 * "seg" and "offset" are within their bounds.  ERR_CORRUPT if not, as for a
 * damaged name or one of another cluster; the message names the segment size.
 */
int	 walname_check(const struct walname *w, uint32_t segsize,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * The number of a segment, counted from the beginning of the WAL, and the LSN
 * of its first byte.  "w" must have passed walname_check().
 */
uint64_t walname_segno(const struct walname *w, uint32_t segsize);
uint64_t walname_lsn(const struct walname *w, uint32_t segsize);

/* The segment that holds the byte at "lsn". */
struct walname walname_at(uint32_t tli, uint64_t lsn, uint32_t segsize);

/*
 * The last segment that is needed to replay up to, not including, "lsn".  If
 * "lsn" is the first byte of a segment, that is the segment before.
 */
struct walname walname_before(uint32_t tli, uint64_t lsn, uint32_t segsize);

/*
 * The order of an archive's WAL files, as for qsort(): timelines ascending; of
 * each its history, then by segment, and the segment itself before what bears
 * its name.
 */
int	 walname_compare(const struct walname *a, const struct walname *b)
	    __attribute__((nonnull));

/* The next segment of the same timeline. */
struct walname walname_next(const struct walname *w, uint32_t segsize);

#endif /* PG_WALNAME_H */
