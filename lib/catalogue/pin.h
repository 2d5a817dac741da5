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

/* "pinned", "pinned until 2027-01-31T00:00:00Z", ...: words for people. */
#define PIN_TEXT	96
const char *pin_format(char buf[PIN_TEXT], const struct pin *);

#endif /* CATALOGUE_PIN_H */
