/* SPDX-License-Identifier: ISC */
#ifndef PG_HISTORY_H
#define PG_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A timeline history file, such as "00000003.history".  It lists the
 * timelines that this one descends from, oldest first, and the LSN at which
 * each was left (readTimeLineHistory in
 * src/backend/access/transam/timeline.c).
 */
struct history_entry {
	uint32_t	 tli;
	uint64_t	 end;		/* the next timeline begins here */
};

struct history {
	uint32_t	 tli;		/* the timeline whose history this is */
	size_t		 n;
	struct history_entry *v;	/* "n" of them; see history_free() */
	/*
	 * Of each entry the lowest end from it on, so that history_span() need
	 * not look through a long history again and again.  history_parse()
	 * sets it; NULL will do.
	 */
	uint64_t	*cut;
};

/*
 * No real file is larger: this is room for about 1,500 switches as PostgreSQL
 * writes them.  Readers compare histories line by line with each other.
 */
#define HISTORY_MAX	(64 << 10)

/*
 * Read the "n" bytes of the history file of timeline "tli".  As PostgreSQL
 * does, this skips blank lines, lines that start with '#', and what follows
 * an LSN.  ERR_CORRUPT if timelines do not rise, for NUL bytes, for text
 * between the fields, or for more than HISTORY_MAX bytes.  A file that ends
 * within a line is read: the caller must know by other means that it is
 * complete.  The caller frees *out; nothing is written there on failure.
 *
 * A switch point may be lower than the one above it.  If a recovery follows
 * timeline 2, but stops before the point where 2 left 1, PostgreSQL writes
 * into the history of timeline 3 that it descends from 2.  Then nothing of 2
 * is part of 3's past.  The functions below take this into account.
 */
int	 history_parse(const char *p, size_t n, uint32_t tli,
	    struct history *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Release what history_parse() allocated; a zeroed struct is fine. */
void	 history_free(struct history *h);

/*
 * Which WAL of timeline "tli" is part of this history: from *begin up to,
 * not including, *end.  For the history's own timeline *end is UINT64_MAX.
 * Returns 1, or 0 if no WAL of "tli" is part of it.
 */
int	 history_span(const struct history *h, uint32_t tli, uint64_t *begin,
	    uint64_t *end) __attribute__((warn_unused_result, nonnull));

/* The timeline that the byte at "lsn" belongs to along this history. */
uint32_t history_tli_at(const struct history *h, uint64_t lsn)
	    __attribute__((nonnull));

#endif /* PG_HISTORY_H */
