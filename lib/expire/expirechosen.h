/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRECHOSEN_H
#define EXPIRE_EXPIRECHOSEN_H

#include "expire/expire_state.h"

/* For expiry: backups that somebody asked to delete, see expire.h. */

/* Whether this one is among them. */
int	 expirechosen_named(const struct expire_conf *, const char *id)
	    __attribute__((nonnull));

/* Whether they may go; needs x->backup. */
int	 expirechosen_check(const struct expire *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_EXPIRECHOSEN_H */
