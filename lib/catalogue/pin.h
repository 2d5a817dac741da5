/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PIN_H
#define CATALOGUE_PIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/archive.h"

/*
 * Pins (lib/FORMAT.md, 10): a backup that is never expired, so that an
 * auditor's copy or the state before a migration outlives the policy.
 *
 * A pin lies where expiry would put the label that it withdraws, and is in
 * its way: who comes first wins, for all who come at the same time.
 */
#define PIN_FOREVER	INT64_MAX
#define PIN_LATEST	INT64_C(253402300800000000) /* years have 4 digits */
#define PIN_FIRST_LINE	"seawall pin 1\n"
#define PIN_ASIDE	"pin-"		/* and digits and '-' */

enum pin_kind {
	PIN_NONE,		/* nothing is there */
	PIN_SET,
	PIN_UNREADABLE,		/* in the way, so it holds; a finding */
	PIN_WITHDRAWN		/* the backup's own label: a withdrawal that
				   was broken off half way */
};

struct pin {
	enum pin_kind	 kind;
	int64_t		 until_us;	/* PIN_FOREVER, or a moment */
	char		 why[160];	/* PIN_UNREADABLE: the reason */
};

/* The bytes of a pin.  ERR_CORRUPT for what FORMAT.md does not allow. */
int	 pin_parse(const void *, size_t n, int64_t *until_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What lies beside the label of backup "id". */
void	 pin_judge(struct pin *, const void *, size_t n, const char *id,
	    const struct archive *) __attribute__((nonnull));

/*
 * The pins of "n" backups, from these paths.  One that the repository does
 * not let us read, though it does other files, is PIN_UNREADABLE: a pin must
 * not stand between anybody and a restore.
 */
int	 pin_load(struct pin *, const char *const *paths,
	    const char *const *ids, size_t n, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether it keeps its backup at "now". */
int	 pin_holds(const struct pin *, int64_t now_us);

/* What is there now. */
int	 pin_read(struct pin *, struct archive *, const char *id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Pin a backup, or change until when it is.  ERR_ABSENT if it has no label,
 * or is being expired at this moment; it is not pinned then.  Of two who
 * change the same pin at once one fails (ERR_CONFLICT).  ERR_USAGE for a
 * moment from PIN_LATEST on, but PIN_FOREVER.  While a pin is
 * changed the old one lies aside, beside the label, until the new one stands;
 * who dies in between leaves it there, and expiry puts it back.
 */
int	 pin_set(struct archive *, const char *id, int64_t until_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Take the pin away, also one that cannot be read.  Returns 0, 1 if there
 * was none, or -1: ERR_ABSENT if the backup has no label.
 */
int	 pin_release(struct archive *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For expiry: take it away if its time is over at "now".  One that was
 * renewed meanwhile stays.
 */
int	 pin_lapsed(struct archive *, const char *id, int64_t now_us,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether a file beside the label has the name of a pin that lies aside. */
int	 pin_is_aside(const char *name) __attribute__((nonnull));

/* "pinned", "pinned until 2027-01-31T00:00:00Z", ...: words for people. */
#define PIN_TEXT	96
const char *pin_format(char buf[PIN_TEXT], const struct pin *);

#endif /* CATALOGUE_PIN_H */
