/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_UNKNOWNFORKS_H
#define EXPIRE_UNKNOWNFORKS_H

#include "expire/expire_state.h"

/*
 * For expiry: set x->forks_known, and where the histories could not be read
 * hold the backups that may lead onto the latest timeline.
 */
void	 unknownforks_hold(struct expire *x) __attribute__((nonnull));

#endif /* EXPIRE_UNKNOWNFORKS_H */
