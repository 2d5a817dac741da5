/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_WALREAD_H
#define CATALOGUE_WALREAD_H

#include <stdint.h>

#include "pg/walevent.h"
#include "plan/lineage.h"
#include "repo/archive.h"

/* A line of timelines, along which recovery reads segments. */
struct walread_line {
	struct archive	*a;		/* its key is a .restore key */
	const struct lineage_set *lines;
	uint32_t	 tli, segsize;
};

/* Called for each record that says something, with its LSN. */
typedef void walread_fn(void *arg, uint64_t lsn, const struct walevent *);

/* What else a segment that was read whole shows. */
struct walread {
	uint32_t	 next_xid, oldest_xid, high_xid;  /* see walxact.h */
	int		 whole;		/* it was understood to its end */
};

/*
 * Read segment "segno" whole, and of those behind it what its last record
 * needs: "fn" is called for all records that begin in it and end in what is
 * archived.  Returns 0; 1 if the segment is not there, or is damaged, so that
 * nothing is known, though "fn" may have been called; or -1.
 */
int	 walread_segment(struct walread *, const struct walread_line *,
	    uint64_t segno, walread_fn *fn, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/* The same for open object "number", what was streamed of the segment. */
int	 walread_streamed(struct walread *, const struct walread_line *,
	    uint64_t segno, unsigned number, walread_fn *fn, void *arg,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));

#endif /* CATALOGUE_WALREAD_H */
