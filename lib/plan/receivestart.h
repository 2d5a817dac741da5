/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RECEIVESTART_H
#define PLAN_RECEIVESTART_H

#include <stdint.h>

#include "pg/history.h"
#include "plan/coverage.h"

/*
 * Where wal-receive begins to stream: always at the first byte of a segment.
 * Pure.
 *
 * Along the line of the server's timeline each segment number has one file
 * (coverage.h).  If the repository holds all before the slot's position, the
 * slot's segment is where to begin.  If it is held already, with others behind
 * it, they were not acknowledged: they are received once more, and compared
 * with what is held.  A server that has removed them, or that cannot read them
 * since two timelines began in one segment, leaves a second choice: the first
 * that is not held.
 *
 * Otherwise it is the first that the repository lacks behind the last that it
 * holds.  Whether the server still has that WAL, only the server can tell.  The
 * slot keeps it from its own position on, so that is the second choice, if WAL
 * before it is gone.
 */
struct receivestart_facts {
	uint32_t	 segsize;
	const struct history *line;	/* of the server's timeline */
	int		 slot_exists;
	int		 slot_reserved;	/* slot_lsn is known */
	uint64_t	 slot_lsn;
	const struct coverage_set *held;	/* settled */
	int		 standby;	/* the server is one */
	uint64_t	 server_lsn;	/* how far its WAL is flushed, asked
					   after "held" was listed */
	uint32_t	 seen_tli;	/* what was acknowledged last, on any
					   line; 0: nothing */
	uint64_t	 seen_lsn;
	int		 from_now;	/* begin where nothing is held */
};

enum receivestart_what {
	RECEIVESTART_GO,
	RECEIVESTART_NO_SLOT,	/* there is no such slot */
	RECEIVESTART_NOWHERE,	/* neither slot nor repository says where */
	RECEIVESTART_HELD,	/* from_now, and the repository holds WAL */
	RECEIVESTART_DEMOTED,	/* the server's timeline is older than the one
				   that was received last */
	RECEIVESTART_SET_BACK	/* the server has less of its timeline than
				   was acknowledged to it, or than is held: it
				   writes other WAL in the place of that */
};

struct receivestart {
	uint32_t	 tli;
	uint64_t	 lsn;		/* the first byte of a segment */
	int		 has_second;	/* if WAL at "lsn" is gone: */
	uint32_t	 second_tli;
	uint64_t	 second_lsn;
	int		 second_held;	/* all in between is held */
};

/* *out is set only for RECEIVESTART_GO. */
enum receivestart_what receivestart_plan(struct receivestart *out,
	    const struct receivestart_facts *f) __attribute__((nonnull));

/* The timeline whose file holds all of segment "segno" on this line. */
uint32_t receivestart_tli(const struct history *line, uint64_t segno,
	    uint32_t segsize) __attribute__((nonnull));

#endif /* PLAN_RECEIVESTART_H */
