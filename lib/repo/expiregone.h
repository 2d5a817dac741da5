/* SPDX-License-Identifier: ISC */
#ifndef REPO_EXPIREGONE_H
#define REPO_EXPIREGONE_H

#include "repo/expire_state.h"

/* For expiry: backups that somebody asked to delete, see expire.h. */

/* Whether this one is among them. */
int	 expiregone_named(const struct expire_conf *, const char *id)
	    __attribute__((nonnull));

/* Whether they may go; needs x->backup. */
int	 expiregone_check(const struct expire *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_EXPIREGONE_H */
