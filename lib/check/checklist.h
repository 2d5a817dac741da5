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
 * entry.
 */
enum checklist_unit {
	CHECKLIST_IN_NONE,	/* no figure that is compared */
	CHECKLIST_IN_NUMBER,
	CHECKLIST_IN_PERCENT,
	CHECKLIST_IN_BYTES,
	CHECKLIST_IN_SECONDS,
	CHECKLIST_IN_MINUTES,
	CHECKLIST_IN_HOURS,
	CHECKLIST_IN_DAYS
};

/* The checks, in the order in which they are printed. */
enum checklist_id {
	CHECKLIST_CONFIG,
	CHECKLIST_KEYS,
	CHECKLIST_REPOSITORY,
	CHECKLIST_LAG,
	CHECKLIST_CAPABILITIES,
	CHECKLIST_SPACE,
	CHECKLIST_SPACE_DAYS,
	CHECKLIST_POSTGRESQL,
	CHECKLIST_SETTINGS,
	CHECKLIST_CHECKSUMS,
	CHECKLIST_IDENTITY,
	CHECKLIST_ARCHIVER,
	CHECKLIST_BACKLOG,
	CHECKLIST_WAL_SPACE,
	CHECKLIST_ARCHIVED,
	CHECKLIST_RECEIVER,
	CHECKLIST_SLOT,
	CHECKLIST_RECOVERABLE,
	CHECKLIST_GAPS,
	CHECKLIST_TIMELINES,
	CHECKLIST_BACKUP_AGE,
	CHECKLIST_BACKUP_SIZE,
	CHECKLIST_RUNNING,
	CHECKLIST_REDUNDANCY,
	CHECKLIST_RETENTION,
	CHECKLIST_ROLLBACK,
	CHECKLIST_CLOCK,
	CHECKLIST_DAMAGE,
	CHECKLIST_VERIFIED,
	CHECKLIST_DRILL,
	CHECKLIST_AGENT,
	CHECKLIST_DEEP
};
#define CHECKLIST_CHECKS	(CHECKLIST_DEEP + 1)

struct checklist_entry {
	const char		*name;
	enum checklist_unit	 unit;
	const char		*figure;	/* what it is; NULL: none */
	struct health_limits	 limits;	/* the defaults, in that unit */
	int			 once;		/* it is no matter of a
						 * repository: however many
						 * there are, it is made once */
};

/* Entry "i", an enum checklist_id; NULL behind the last one. */
const struct checklist_entry *checklist_at(size_t i);

/* "bytes", "minutes" and so on; "" for CHECKLIST_IN_NONE. */
const char *checklist_unit(enum checklist_unit);

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
