/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWDOUBT_H
#define SHOW_SHOWDOUBT_H

#include "plan/choose.h"
#include "restore/basefetch.h"

/*
 * On stderr, as "program": what base-fetch cannot know of a target before
 * PostgreSQL has read the WAL, what PostgreSQL reports then, and the cure.
 */
void	 showdoubt_warn(const char *program, const struct basefetch_plan *,
	    const struct choose_target *) __attribute__((nonnull));

#endif /* SHOW_SHOWDOUBT_H */
