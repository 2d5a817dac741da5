/* SPDX-License-Identifier: ISC */
#ifndef PG_WALSEG_H
#define PG_WALSEG_H

#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The header of a WAL segment's first page, by which the file says what it
 * is (XLogLongPageHeaderData in src/include/access/xlog_internal.h, the
 * same bytes from PostgreSQL 13 to 18).  PostgreSQL writes it in the byte
 * order of its host, and archiving runs on that host.
 */
#define WALSEG_HEADER	40		/* bytes of the file that are needed */

struct walseg {
	uint16_t	 magic;		/* differs for each major version */
	uint16_t	 info;
	uint32_t	 tli;		/* of the first record on the page */
	uint64_t	 pageaddr;	/* LSN of the first byte */
	uint64_t	 sysid;
	uint32_t	 segsize;
	uint32_t	 blcksz;	/* of WAL pages */
};

struct walseg walseg_parse(const uint8_t header[WALSEG_HEADER]);

/*
 * The major version whose magic this is; 0 for one that was not out when
 * this was written.  That alone is no reason to refuse a segment: archiving
 * must go on after an upgrade.
 */
unsigned walseg_major(uint16_t magic);

/*
 * Check that a segment or a .partial file is what "name" says, and of the
 * cluster with this system identifier and segment size.
 *
 * The header's timeline may be lower than the name's.  When a cluster
 * switches to a new timeline in the middle of a segment, it starts the new
 * timeline's file with a copy of the old one's pages up to the switch point
 * (XLogInitNewTimeline in src/backend/access/transam/xlog.c), and does so
 * again if the next switch falls into the same segment.  So any ancestor of
 * the name's timeline is right, and a higher one never is.
 *
 * ERR_CORRUPT: not a WAL page (also a file that starts with zeros: it was
 * allocated and never written), or another segment's content, as in one
 * that was recycled under its new name and not yet written.
 * ERR_CONFLICT: sound, but of another cluster.
 */
int	 walseg_check(const struct walseg *, const struct walname *name,
	    uint64_t sysid, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_WALSEG_H */
