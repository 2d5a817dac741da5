/* SPDX-License-Identifier: ISC */
#ifndef PG_WALSEG_H
#define PG_WALSEG_H

#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The header of a WAL segment's first page, in which the file says what it
 * is (XLogLongPageHeaderData in src/include/access/xlog_internal.h; its
 * layout is the same in PostgreSQL 13 to 18).  PostgreSQL writes it in the
 * byte order of its host.  Archiving runs on that host, so this reads it in
 * the byte order of the host that it runs on.
 */
#define WALSEG_HEADER	40		/* bytes of the file that are needed */

struct walseg {
	uint16_t	 magic;		/* differs in each major version */
	uint16_t	 info;		/* flags of the page */
	uint32_t	 tli;		/* of the first record on the page */
	uint64_t	 pageaddr;	/* LSN of the first byte */
	uint64_t	 sysid;		/* system identifier */
	uint32_t	 segsize;	/* bytes */
	uint32_t	 blcksz;	/* bytes of a WAL page */
};

/* Take the fields apart; nothing is checked. */
struct walseg walseg_parse(const uint8_t header[WALSEG_HEADER]);

/* Whether WAL pages can have this many bytes: XLOG_BLCKSZ, 1 to 64 KiB. */
int	 walseg_blcksz_ok(uint32_t blcksz);

/*
 * The major version that writes this magic, or 0 if this program does not
 * know it.  An unknown magic alone is no reason to refuse a segment:
 * archiving must not stop after an upgrade.
 */
unsigned walseg_major(uint16_t magic);

/*
 * Check that a segment or a .partial file contains what "name" says, and
 * belongs to the cluster with this system identifier and segment size.
 *
 * The header's timeline may be lower than the name's.  When a cluster
 * switches to a new timeline in the middle of a segment, it starts the new
 * timeline's file with a copy of the old one's pages up to the switch point
 * (XLogInitNewTimeline in src/backend/access/transam/xlog.c).  It does so
 * again if the next switch comes in the same segment.  So the header may
 * name any ancestor of the name's timeline, but never a higher one.
 *
 * ERR_CORRUPT if the file does not start with a WAL page, for example with
 * zeros because it was allocated and never written, or if it holds another
 * segment's content, as a recycled file does until it is written under its
 * new name.  ERR_CONFLICT if it is sound but belongs to another cluster.
 */
int	 walseg_check(const struct walseg *s, const struct walname *name,
	    uint64_t sysid, uint32_t segsize, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_WALSEG_H */
