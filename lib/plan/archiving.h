/* SPDX-License-Identifier: ISC */
#ifndef PLAN_ARCHIVING_H
#define PLAN_ARCHIVING_H

#include <stdint.h>

#include "plan/health.h"

/*
 * Whether a server's WAL reaches its archive.  Pure: no files, no clock.
 *
 * The age of the newest segment says nothing, since a server without writes
 * completes none.  What counts is what PostgreSQL has not archived yet: the
 * .ready files, what pg_stat_archiver says, and the current LSN.
 *
 * All times are in microseconds since 1970 by the server's clock, or
 * ARCHIVING_NEVER where there is none or it is not known.  All segments are of
 * the timeline on which the server writes.
 */
#define ARCHIVING_NEVER	INT64_MIN

struct archiving {
	int64_t		 now_us;
	int64_t		 started_us;	/* when the server started */
	int64_t		 archived_us;	/* archive_command's last success */
	int64_t		 failed_us;	/* its last failure, if that is later */
	uint32_t	 segsize;	/* bytes; 0: not known */
	int		 ready_known;	/* whether .ready files were listed */
	uint64_t	 nready;	/* files that wait, histories too */
	int64_t		 oldest_us;	/* since when the oldest one waits */
};

/*
 * For how many seconds the archiver has had a file to archive and completed
 * none, into *seconds: since the last of a success, the server's start, and
 * the moment at which the oldest file was ready.  So a backlog that shrinks is
 * no stall, however old it is, nor is one that a stopped server left behind.
 * 0 if nothing waits.
 *
 * Times later than now are ignored: they come from before a clock was set
 * back.  Returns 1, or 0 if it cannot be known, with *seconds 0.
 */
int	 archiving_stalled(const struct archiving *, uint64_t *seconds)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The status of the archiver.  A failure since the last success is at least a
 * warning, unless it is known that nothing waits any more.
 *
 * A large segment on a slow line takes its time, so both limits become larger
 * by a second for each MiB of a segment behind ARCHIVING_USUAL, unless the
 * archiver failed within the last ARCHIVING_RECENT seconds: one that fails
 * does so again and again.
 */
#define ARCHIVING_USUAL		(UINT32_C(16) << 20)
#define ARCHIVING_RECENT	120

enum health archiving_judge(const struct archiving *,
	    const struct health_limits *stalled) __attribute__((nonnull));

/*
 * The minutes until "free" bytes are full of WAL, if it goes on as it did
 * since the oldest of "waiting" bytes became ready, "seconds" ago.
 * ARCHIVING_FOREVER if nothing waits.
 */
#define ARCHIVING_FOREVER	UINT64_MAX
uint64_t archiving_minutes(uint64_t free, uint64_t waiting, uint64_t seconds);

/*
 * Segments that must be in the repository, and of which it has none: PostgreSQL
 * completed them and does not wait to archive them, because archive_command
 * lied, archiving was off, or somebody removed .ready files.
 *
 * The caller asks in this order: "current" (from pg_current_wal_flush_lsn(),
 * since PostgreSQL makes a segment's .ready file before that LSN passes its
 * end), the .ready files, the repository.  In any other order a segment that
 * is archived meanwhile would look as if it were lost.
 */
struct archiving_place {
	uint64_t	 next;		/* the first segment that follows the
					 * repository's newest one */
	uint64_t	 current;	/* the segment that is being written */
	int		 waits;		/* whether a segment waits */
	uint64_t	 waiting;	/* the first one that does */
};

uint64_t archiving_missing(const struct archiving_place *)
	    __attribute__((nonnull));

#endif /* PLAN_ARCHIVING_H */
