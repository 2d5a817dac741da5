/* SPDX-License-Identifier: ISC */
#ifndef TEST_TIMELINES_H
#define TEST_TIMELINES_H

#include <stddef.h>
#include <stdint.h>

#include "plan/coverage.h"
#include "plan/lineage.h"

/*
 * A random tree of timelines, and a model of what PostgreSQL does with their
 * WAL.  Segments are so small that a test can look at every byte.
 */
#define TIMELINES_MAX	7
#define TIMELINES_SEG	16	/* bytes in a segment */
#define TIMELINES_SPAN	640	/* all LSNs are below */

/* Timelines are numbered from 1 to "n"; element 0 of arrays is unused. */
struct timelines {
	size_t		 n;
	uint32_t	 parent[TIMELINES_MAX + 1];
	uint64_t	 begin[TIMELINES_MAX + 1];	/* LSN of the switch */
	struct history	 h[TIMELINES_MAX];	/* of timelines 2 to n */
	struct history_entry v[TIMELINES_MAX][TIMELINES_MAX];
	struct lineage_set	 lines;		/* points to "h" */
};

/* Segments "first" to "last" of a timeline; "tli" 0: none. */
struct timelines_wal {
	uint32_t	 tli;
	uint64_t	 first, last;
};

/*
 * Put an archive of the "n" runs of segments into "set" and settle it.  The
 * caller calls coverage_set_free().
 */
void	 timelines_archive(struct coverage_set *set,
	    const struct timelines_wal *wal, size_t n);

/* A number from 0 to "below" - 1; the state must not be 0. */
uint64_t timelines_rand(uint64_t *state, uint64_t below);

/* Begin with timeline 1 alone. */
void	 timelines_init(struct timelines *t);

/* Add a timeline that leaves "parent" at "lsn".  Returns its number. */
uint32_t timelines_fork(struct timelines *t, uint32_t parent, uint64_t lsn);

/* Make a random tree. */
void	 timelines_random(struct timelines *t, uint64_t *state);

/* The history of a timeline; that of 1 is empty. */
const struct history *timelines_history(const struct timelines *t,
	    uint32_t tli);

/* The timeline on which the byte was written that "tli" has at "lsn". */
uint32_t timelines_writer(const struct timelines *t, uint32_t tli,
	    uint64_t lsn);

/*
 * Recover along the line of "target" from "lsn" on, reading files as
 * PostgreSQL does; has(ctx, tli, segno) says whether a segment's file
 * exists.  Returns the LSN up to which all replayed bytes belong to that
 * line.
 */
uint64_t timelines_recover(const struct timelines *t, uint32_t target,
	    uint64_t lsn,
	    int (*has)(const void *ctx, uint32_t tli, uint64_t segno),
	    const void *ctx);

#endif /* TEST_TIMELINES_H */
