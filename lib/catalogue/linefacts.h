/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_LINEFACTS_H
#define CATALOGUE_LINEFACTS_H

#include "catalogue/walread.h"
#include "pg/walfacts.h"

/*
 * What the segments along a line hold, by the facts in their headers.  Headers
 * alone are read, many in flight, so a thousand segments take seconds.
 */
struct linefacts {
	uint64_t	 segno;
	const struct walfacts *facts;	/* NULL: not known; only reading it
					 * whole can tell */
	int		 across;	/* a record begins here and ends in
					 * what follows; rmid and info say
					 * which, */
	int		 unclear;	/* or they do not */
	uint8_t		 rmid, info;
};

/* Returns 0, or -1 with an error of its own to stop. */
typedef int linefacts_fn(void *arg, const struct linefacts *, struct err *);

/*
 * Call "fn" for each segment from "first" to "last", both included, in
 * ascending order.  A record across the end of "last" is known if the segment
 * behind it is there; "more" says that what follows is no segment, and that
 * such a record is unclear.
 */
int	 linefacts_each(const struct walread_line *, uint64_t first,
	    uint64_t last, int more, linefacts_fn *fn, void *arg,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 5, 7)));

#endif /* CATALOGUE_LINEFACTS_H */
