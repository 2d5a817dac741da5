/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_FEDLINES_H
#define EXPIRE_FEDLINES_H

#include "expire/expire_state.h"

/*
 * For expiry: gather what is known of the timelines, and find those that are
 * still fed besides the latest one (plan/fed.h).  Sets x->line, x->at and
 * x->fed.  Any key will do: times are read from the headers of the history
 * files, and of the newest segment of each timeline.
 *
 * ERR_CORRUPT if a history file is not authentic: nothing may be deleted
 * while it is not known which timelines go on.
 */
int	 fedlines_find(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The input of fed_find(), as it was; borrowed from "x". */
struct fed_input fedlines_input(const struct expire *x)
	    __attribute__((nonnull));

#endif /* EXPIRE_FEDLINES_H */
