/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLSELF_H
#define DRILL_DRILLSELF_H

#include "drill/drillcheck.h"

/*
 * Does a drill notice what it is there for?  Three faults are made on purpose,
 * and what a check says of each goes to a report of its own; only the line SELF
 * of d->report is set, to failed if a fault was not noticed.
 */

/* Expect a wrong answer of the open server. */
int	 drillself_answer(const struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Damage a page of the server that was shut down, if it has data checksums, and
 * mend it again.
 */
int	 drillself_page(const struct drillcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Restore once more, and recover without the last segment that the drill
 * needed.  What was there before is gone, and no server runs afterwards.
 */
int	 drillself_segment(const struct drillcheck *, struct sandbox *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLSELF_H */
