/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PINASIDE_H
#define CATALOGUE_PINASIDE_H

#include "catalogue/pin.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * Pins that lie aside (lib/FORMAT.md, 10).  A pin is changed or released by
 * renaming it first, to a name of its own beside the label.  Only then is it
 * certain which pin that was, and it is read.  A program that dies at this
 * point leaves the pin aside; expiry finds it there and respects it.
 */

/* Whether a file beside a label has the name of a pin that lies aside. */
int	 pinaside_is_name(const char *name) __attribute__((nonnull));

/*
 * Rename what lies in the place of the pin of backup "id".  "aside" becomes
 * its new path, and *found what it is: perhaps another pin than was seen
 * before, or a withdrawn label.  Returns 0, 1 if nothing was there, or -1.
 */
int	 pinaside_move(struct archive *, const char *id,
	    char aside[LAYOUT_PATH], struct pin *found, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Rename it back.  Leaves things as they are, and returns 0, if another file
 * has come into its place, or if nothing lies under "aside" any more.
 */
int	 pinaside_return(struct archive *, const char *id, const char *aside,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Remove all pins of backup "id" that lie aside.  Returns 0, 1 if there were
 * none, or -1.
 */
int	 pinaside_clear(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_PINASIDE_H */
