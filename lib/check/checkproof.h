/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKPROOF_H
#define CHECK_CHECKPROOF_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The checks of what other programs proved, as backup-check(1) has them, by
 * what they left in this host's state folder.
 */
void	 checkproof_verified(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));
void	 checkproof_drill(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKPROOF_H */
