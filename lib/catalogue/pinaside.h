/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PINASIDE_H
#define CATALOGUE_PINASIDE_H

#include "catalogue/pin.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * Pins that lie aside (lib/FORMAT.md, 10).  To change or release a pin it is
 * first renamed, to a name of its own beside the label, and then read: only
 * then is it sure which pin it was.  A program that dies in between leaves it
 * there, where it holds as if it were in its place.
 */

/* Whether a file beside a label has the name of a pin that lies aside. */
int	 pinaside_is_name(const char *name) __attribute__((nonnull));

/*
 * Rename what lies in the place of backup "id"'s pin; "aside" becomes the
 * path that it has then, and *found what it is.  Returns 0, 1 if nothing was
 * there, or -1.
 */
int	 pinaside_move(struct archive *, const char *id,
	    char aside[LAYOUT_PATH], struct pin *found, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Rename it back, unless another file came into its place meanwhile, or it
 * was renamed back already: these are no failures.
 */
int	 pinaside_return(struct archive *, const char *id, const char *aside,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Remove all that lie aside.  Returns 0, 1 if there were none, or -1. */
int	 pinaside_clear(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_PINASIDE_H */
