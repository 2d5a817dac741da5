/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKLIST_H
#define CHECK_CHECKLIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/health.h"

/*
 * The checks of backup-check by name, in the order of its manual page, with
 * their units and thresholds.  Its options --only, --warn and --critical, its
 * listings and its metrics all take them from here.
 *
 * A name never changes its meaning.  A check that does not exist yet has no
 * entry; those of wal-receive (receiver, slot) and of backup-drill (drill) are
 * to come.
 */
enum checklist_unit {
	CHECKLIST_NONE,		/* no figure, or none that is compared */
	CHECKLIST_COUNT,
	CHECKLIST_PERCENT,
	CHECKLIST_BYTES,
	CHECKLIST_SECONDS,
	CHECKLIST_MINUTES,
	CHECKLIST_HOURS,
	CHECKLIST_DAYS
};

struct checklist_entry {
	const char		*name;
	enum checklist_unit	 unit;
	struct health_limits	 limits;	/* the defaults, in that unit */
};

/* Entry "i", counted from 0; NULL behind the last one. */
const struct checklist_entry *checklist_at(size_t i);

/* The index of a name.  ERR_USAGE if there is no such check. */
int	 checklist_find(const char *name, size_t *i, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read a threshold, "NAME=VALUE": a number in the unit of the check (bytes also
 * with one of parse_size()'s units), or "off".  ERR_USAGE for any other text,
 * and for a check that compares no figure.
 */
int	 checklist_limit(const char *text, size_t *i, uint64_t *limit,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_CHECKLIST_H */
