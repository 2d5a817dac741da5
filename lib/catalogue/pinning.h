/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PINNING_H
#define CATALOGUE_PINNING_H

#include <stdint.h>

#include "catalogue/pin.h"
#include "repo/archive.h"

/* To pin a backup, and to release it. */

/* What is there now. */
int	 pinning_read(struct pin *, struct archive *, const char *id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Pin a backup, or change until when it is.  ERR_ABSENT if it has no label,
 * or is being expired at this moment; it is not pinned then.  Of two who
 * change the same pin at once one fails (ERR_CONFLICT).  ERR_USAGE for a
 * moment from PIN_LATEST on, but PIN_FOREVER.  While a pin is
 * changed the old one lies aside, beside the label, until the new one stands;
 * who dies in between leaves it there, and expiry puts it back.
 */
int	 pinning_set(struct archive *, const char *id, int64_t until_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Take the pin away, also one that cannot be read.  Returns 0, 1 if there
 * was none, or -1: ERR_ABSENT if the backup has no label.
 */
int	 pinning_release(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For expiry: take it away if its time is over at "now".  One that was
 * renewed meanwhile stays.
 */
int	 pinning_lapsed(struct archive *, const char *id, int64_t now_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_PINNING_H */
