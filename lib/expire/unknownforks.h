/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_UNKNOWNFORKS_H
#define EXPIRE_UNKNOWNFORKS_H

#include "expire/expire_state.h"

/*
 * For expiry: find out whether the history of every timeline was read; sets
 * x->forks_known.
 */
void	 unknownforks_look(struct expire *x) __attribute__((nonnull));

/*
 * If not, hold all backups that may lead onto the latest timeline, or onto one
 * that is still fed (x->fed): only the histories could tell which of them do.
 */
int	 unknownforks_hold(struct expire *x, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_UNKNOWNFORKS_H */
