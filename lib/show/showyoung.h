/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWYOUNG_H
#define SHOW_SHOWYOUNG_H

#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "plan/younglines.h"

/*
 * Timelines that came within the grace, and the doubt that they make, as text
 * and as JSON.  Whoever reads that sees a forged timeline in time.
 */

/*
 * Print a line for each young timeline that was promoted beside another one,
 * as far as they are few, and one for the doubt, if there is any.
 */
void	 showyoung_print(FILE *out, const struct catalogue *,
	    const struct younglines *) __attribute__((nonnull));

/*
 * Add to an object "young_timelines", and "doubtful_timeline" with
 * "doubtful_until", which are null if there is no doubt; the time is null, too,
 * if the doubt does not end by itself.
 */
int	 showyoung_json(struct jval *to, const struct younglines *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether there is a doubt that does not end by itself.  Nothing expires until
 * somebody has found out what causes it, so it is a finding.
 */
int	 showyoung_findings(const struct younglines *) __attribute__((nonnull));

#endif /* SHOW_SHOWYOUNG_H */
