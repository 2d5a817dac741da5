/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PINNING_H
#define CATALOGUE_PINNING_H

#include <stdint.h>

#include "catalogue/pin.h"
#include "repo/archive.h"

/*
 * Pinning a backup, and releasing it, while other programs pin, release and
 * expire.  There is no lock: a backup that expiry withdraws at the same time
 * is either pinned or withdrawn, never both, and these functions report what
 * became of it.
 *
 * While a pin is changed the old one lies aside (pinaside.h) until the new
 * one stands.  A program that dies in between leaves it there, where it still
 * keeps its backup: expiry puts it back.
 */

/* Read what lies in the place of the pin of backup "id" now. */
int	 pinning_read(struct pin *, struct archive *, const char *id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Pin the backup until "until_us" (since 1970, or PIN_FOREVER), in place of a
 * pin that it may have.  On success the pin is durable and was seen to stand.
 * The backup is not pinned after ERR_ABSENT: it has no label, or is just being
 * expired.  ERR_CONFLICT if another program changed the pin at the same time,
 * or if the label lies in the place of the pin, too; ERR_USAGE from PIN_LATEST
 * on.
 */
int	 pinning_set(struct archive *, const char *id, int64_t until_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Where the label lies in the place of its pin as well, so that pinning_set()
 * fails with ERR_CONFLICT: remove that second name, and keep the backup.
 * Returns 0, 1 if that is not so, or -1: ERR_ABSENT if the backup turns out to
 * be withdrawn; what lay in the place of the pin is then there again.
 */
int	 pinning_mend(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove the pin, even one that cannot be read, and the label's second name as
 * pinning_mend() does.  Returns 0, 1 if there was none, or -1: ERR_ABSENT and
 * ERR_CONFLICT as above.
 */
int	 pinning_release(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For expiry: put PIN_MARK into the place of the pin if nothing lies there.
 * What another program does to the pin or the backup at the same time stands,
 * and so does a pin that lies aside; that is no failure.
 */
int	 pinning_mark(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For expiry: remove the pin if it is over at "now_us".  Returns 0 also if
 * there is nothing to remove: another program released or renewed it.
 */
int	 pinning_lapsed(struct archive *, const char *id, int64_t now_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_PINNING_H */
