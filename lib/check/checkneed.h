/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKNEED_H
#define CHECK_CHECKNEED_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * For the checks: whether the facts are there that a check judges.  Each
 * returns 1; or 0, and has set the check to HEALTH_UNKNOWN with the reason.
 */

/* The repository was listed. */
int	 checkneed_repo(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

/* The server was asked. */
int	 checkneed_sql(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

/*
 * The server was asked and archives WAL of its own.  A standby that does not
 * is HEALTH_OK: its primary archives.
 */
int	 checkneed_archives(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

/*
 * The same of a server whose archiver runs.  One with archive_mode off is
 * HEALTH_OK: whether its WAL comes in another way is said by the checks
 * "settings", "slot" and "receiver".
 */
int	 checkneed_archiver(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

/* The data directory was found. */
int	 checkneed_dir(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

/* A backup counts. */
int	 checkneed_backup(const struct checkfacts *, struct checkreport *,
	    enum checklist_id) __attribute__((nonnull));

#endif /* CHECK_CHECKNEED_H */
