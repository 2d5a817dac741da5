/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWHELD_H
#define SHOW_SHOWHELD_H

#include <stdio.h>

#include "base/jval.h"
#include "restore/harmless.h"
#include "restore/recovery.h"

/*
 * The closing lines of base-fetch: what is held, changed and found in the
 * restored cluster, so that it does no harm, and the statements that release
 * it.
 */
void	 showheld_print(FILE *out, const struct recovery *,
	    const struct harmless *)
	    __attribute__((nonnull));

/*
 * The same as members of "to": "held", "release", and "restart_to_release";
 * and, unless "h" is NULL because nothing is restored yet, "changed" and
 * "found".
 */
int	 showheld_json(struct jval *to, const struct recovery *,
	    const struct harmless *h, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* SHOW_SHOWHELD_H */
