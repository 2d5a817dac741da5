/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKRETENTION_H
#define CHECK_CHECKRETENTION_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The checks "retention" and "timelines", as backup-check(1) has them.  Both
 * ask expiry itself what it would do, and it decides here as it does there.
 */
void	 checkretention_run(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKRETENTION_H */
