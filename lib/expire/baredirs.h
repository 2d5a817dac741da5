/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_BAREDIRS_H
#define EXPIRE_BAREDIRS_H

#include "expire/expire_state.h"

/*
 * For expiry: look at the directories without a label and fill x->dir with
 * those to be swept; note in x->running_us when each backup began that is
 * under way.
 */
int	 baredirs_look(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_BAREDIRS_H */
