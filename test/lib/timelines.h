/* SPDX-License-Identifier: ISC */
#ifndef TEST_TIMELINES_H
#define TEST_TIMELINES_H

#include <stddef.h>
#include <stdint.h>

#include "plan/lineage.h"

/*
 * A tree of timelines at random, and what PostgreSQL would do with their
 * WAL, told byte by byte.  The segments are small, so that all bytes can be
 * looked at.
 */
#define TIMELINES_MAX	7
#define TIMELINES_SEG	16	/* bytes in a segment */
#define TIMELINES_SPAN	640	/* LSNs are below */

struct timelines {
	size_t		 n;			/* 1 to n */
	uint32_t	 parent[TIMELINES_MAX + 1];
	uint64_t	 begin[TIMELINES_MAX + 1];
	struct history	 h[TIMELINES_MAX];	/* of 2 to n */
	struct history_entry v[TIMELINES_MAX][TIMELINES_MAX];
	struct lineage_set	 lines;			/* points to h */
};

uint64_t timelines_rand(uint64_t *state, uint64_t below);
void	 timelines_init(struct timelines *);	/* timeline 1 alone */
uint32_t timelines_fork(struct timelines *, uint32_t parent, uint64_t lsn);
void	 timelines_random(struct timelines *, uint64_t *state);

/* The history of a timeline, also that of 1. */
const struct history *timelines_history(const struct timelines *,
	    uint32_t tli);

/* Which timeline's writer wrote the byte that "tli" sees at "lsn". */
uint32_t timelines_writer(const struct timelines *, uint32_t tli,
	    uint64_t lsn);

/*
 * Recovery from "lsn" to the end of the target's WAL, reading as PostgreSQL
 * does.  The LSN up to which it replays what belongs to the target's line.
 */
uint64_t timelines_recover(const struct timelines *, uint32_t target,
	    uint64_t lsn, int (*has)(const void *, uint32_t, uint64_t),
	    const void *ctx);

#endif /* TEST_TIMELINES_H */
