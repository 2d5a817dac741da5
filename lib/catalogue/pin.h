/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_PIN_H
#define CATALOGUE_PIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/archive.h"

/*
 * Pins (lib/FORMAT.md, 10).  A pinned backup is never expired, so that an
 * auditor's copy or the state before a migration outlives the policy.
 *
 * A pin is a file under the very name to which expiry renames a label that it
 * withdraws.  Neither of them ever replaces a file, so the one that comes
 * first wins, without a lock.  Setting and releasing pins is pinning.h.
 */
#define PIN_FOREVER	INT64_MAX
#define PIN_MARK	0		/* is over, and says that the WAL
					   behind the backup has expired */
#define PIN_LATEST	INT64_C(253402300800000000) /* years have 4 digits */
#define PIN_FIRST_LINE	"seawall pin 1\n"

enum pin_kind {
	PIN_NONE,		/* nothing lies there */
	PIN_SET,		/* a pin, which may be over: pin_holds() */
	PIN_UNREADABLE,		/* something else; it is in the way and so
				   keeps the backup, and is a finding */
	PIN_WITHDRAWN		/* the backup's own label: it was withdrawn,
				   or half so if the label stands as well */
};

struct pin {
	enum pin_kind	 kind;
	int64_t		 until_us;	/* since 1970, or PIN_FOREVER */
	char		 why[160];	/* PIN_UNREADABLE: the reason; and why
					   PIN_WITHDRAWN is a finding beside
					   a label */
};

/*
 * Parse the "n" bytes of a pin.  ERR_CORRUPT for anything that FORMAT.md does
 * not allow; *until_us is set on success only.
 */
int	 pin_parse(const void *, size_t n, int64_t *until_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find out what the "n" bytes are that lie in the place of the pin of backup
 * "id".  Everything that is neither a pin nor this backup's authentic label
 * is PIN_UNREADABLE.
 */
void	 pin_judge(struct pin *, const void *, size_t n, const char *id,
	    const struct archive *) __attribute__((nonnull));

/*
 * Read the pins of "n" backups, "ids", from "paths" into the array "pins".  A
 * file that cannot be read although the marker can is PIN_UNREADABLE and no
 * failure: a pin must not stand between anybody and a restore.  ERR_REMOTE if
 * the marker cannot be read either.
 */
int	 pin_load(struct pin *pins, const char *const *paths,
	    const char *const *ids, size_t n, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the pin keeps its backup at "now_us". */
int	 pin_holds(const struct pin *, int64_t now_us);

/*
 * Whether what lies in the place of the pin of a backup with a label is a
 * finding: something that cannot be read, or the label under a second name.
 */
int	 pin_is_bad(const struct pin *);

/*
 * The pin in words: "pinned", "pinned until 2027-01-31T00:00:00Z", "pinned by
 * something that cannot be read", or "" if it keeps nothing.  Returns "buf".
 */
#define PIN_TEXT	96
const char *pin_format(char buf[PIN_TEXT], const struct pin *);

#endif /* CATALOGUE_PIN_H */
