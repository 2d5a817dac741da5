/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_UNKNOWNFORKS_H
#define EXPIRE_UNKNOWNFORKS_H

#include "expire/expire_state.h"

/*
 * For expiry: find out whether histories could be read, and whether that of
 * every timeline was; sets x->lines_read and x->forks_known.
 */
void	 unknownforks_look(struct expire *x) __attribute__((nonnull));

/*
 * If not, hold all backups that may lead onto the latest timeline, or onto one
 * that is still fed (x->fed): only the histories could tell which of them do.
 */
void	 unknownforks_hold(struct expire *x) __attribute__((nonnull));

#endif /* EXPIRE_UNKNOWNFORKS_H */
