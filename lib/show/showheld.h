/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWHELD_H
#define SHOW_SHOWHELD_H

#include <stdio.h>

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

#endif /* SHOW_SHOWHELD_H */
