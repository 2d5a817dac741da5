/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLRECORD_H
#define DRILL_DRILLRECORD_H

#include <stdint.h>

#include "base/err.h"
#include "repo/layout.h"

/*
 * What the latest rehearsal of a restore showed, for backup-check.  It is the
 * file STATE_DIR/SERVER/drilled, which backup-drill replaces by rename when it
 * ends: JSON, an object of "version" (1) and the members below.
 *
 *	{ "version": 1, "at_us": 1800000000000000, "passed": true,
 *	  "backup": "20261122T040001Z", "rpo_s": 3, "rto_s": 640,
 *	  "found": "everything was replayed" }
 *
 * It is no part of a repository, and may be lost at any time.
 */
#define DRILLRECORD_TEXT	256
#define DRILLRECORD_NONE	UINT64_MAX

struct drillrecord {
	int64_t		 at_us;		/* when it ended, by this host's
					 * clock */
	int		 passed;
	char		 backup[LAYOUT_ID];	/* what was restored */
	/* Data that was lost, and time that it took, in seconds; in the file
	 * null, and here DRILLRECORD_NONE: not measured. */
	uint64_t	 rpo_s, rto_s;
	char		 found[DRILLRECORD_TEXT];	/* printable */
};

/*
 * Returns 0; 1 if there is no such file; or -1: ERR_LOCAL, or ERR_CORRUPT for
 * a file that is none of ours.
 */
int	 drillrecord_load(struct drillrecord *, const char *state_dir,
	    const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Replace it, durably; ERR_LOCAL. */
int	 drillrecord_save(const struct drillrecord *, const char *state_dir,
	    const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DRILL_DRILLRECORD_H */
