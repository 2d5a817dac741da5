/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWHELD_H
#define SHOW_SHOWHELD_H

#include <stdio.h>

#include "restore/recovery.h"

/*
 * The closing lines of base-fetch: what is held in the restored cluster, so
 * that it does no harm, and the statements that release it.
 */
void	 showheld_print(FILE *out, const struct recovery *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWHELD_H */
