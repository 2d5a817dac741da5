/* SPDX-License-Identifier: ISC */
#ifndef PG_HISTORY_H
#define PG_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A timeline history file, "00000003.history": the timelines that this one
 * descends from, oldest first, and the LSN at which each was left
 * (readTimeLineHistory in src/backend/access/transam/timeline.c).
 */
struct history_entry {
	uint32_t	 tli;
	uint64_t	 end;		/* the next one begins here */
};

struct history {
	uint32_t	 tli;		/* whose history this is */
	size_t		 n;
	struct history_entry *v;	/* owned; see history_free() */
};

/* Above any real one: 64 thousand switches. */
#define HISTORY_MAX	(8 << 20)

/*
 * Read the "n" bytes of the history file of timeline "tli".  As PostgreSQL
 * does: blank lines, lines that start with '#' and what follows the LSN are
 * skipped, timelines must rise.  ERR_CORRUPT also for NUL bytes and for text
 * between the fields.  A file that ends within a line is read; that it is
 * whole its reader must know by other means.
 *
 * A switch point may lie before the one above it.  A recovery that follows
 * timeline 2 and stops before the point where 2 left 1 writes into the
 * history of 3 that it came from 2: nothing of 2 is part of 3's past then.
 * The functions below take that into account.
 */
int	 history_parse(const char *, size_t n, uint32_t tli, struct history *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 history_free(struct history *);	/* also one that is all zeros */

/*
 * 1 if WAL of timeline "tli" is part of this one's past, or "tli" is this
 * one itself, and which: from *begin up to, not including, *end, which is
 * UINT64_MAX for itself.  Else 0.
 */
int	 history_span(const struct history *, uint32_t tli, uint64_t *begin,
	    uint64_t *end) __attribute__((warn_unused_result, nonnull));

/* The timeline whose file holds the byte at "lsn" along this history. */
uint32_t history_tli_at(const struct history *, uint64_t lsn)
	    __attribute__((nonnull));

#endif /* PG_HISTORY_H */
