/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_BAREDIRS_H
#define EXPIRE_BAREDIRS_H

#include "expire/expire_state.h"

/*
 * For expiry: look at the directories without a label.  x->dir becomes those
 * to be swept: withdrawn by an earlier run, or abandoned.  The others belong
 * to backups under way and are left alone; x->running_us becomes the times
 * when those began, as WAL that they need must stay.
 */
int	 baredirs_look(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_BAREDIRS_H */
