/* SPDX-License-Identifier: ISC */
#ifndef PLAN_DROPLINE_H
#define PLAN_DROPLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/fed.h"
#include "plan/retention.h"

/*
 * Whether a whole timeline may be deleted: its history file, its WAL, and the
 * backups that were taken on it.  That is the way out where a copy was
 * promoted by mistake and archived its timeline.  Pure: no files, no clock.
 *
 * It may not if
 *
 *   1. nothing of it is stored;
 *   2. a backup on it is pinned;
 *   3. another timeline descends from it.  A timeline has a higher number than
 *      those it descends from, so one with a higher number and an unknown
 *      history may be such a one;
 *   4. it was fed last: no other timeline has anything that is newer than all
 *      that it has.  A timeline has a history file, which is as old as its
 *      header says, a newest segment, the same, and backups, which are as new
 *      as their start.  What has a time in the future (stray_past()) does not
 *      count here;
 *   5. it is the latest, and no other one goes on beside it, so that a restore
 *      takes it without any question (stray.h).
 *
 * Unless the user forces it, it may not either if
 *
 *   6. a backup stands on it;
 *   7. it is still fed beside the latest (fed.h);
 *   8. it is the latest, commits cannot be read, and nothing but the time of
 *      WAL shows that another one goes on: leftovers of an old primary look
 *      the same;
 *   9. the time of its newest segment is not known, or known by a listing
 *      alone, or something of it has a time in the future;
 *  10. a backup is under way, which may be on it.
 */
struct dropline_input {
	uint32_t	 tli;		/* the one to delete */
	const struct fed_input *at;	/* all that is stored, as it stands */
	const uint32_t	*fed;		/* what fed_find() found in "at", */
	size_t		 nfed;		/* and how many they are */
	const struct retention_backup *backup;	/* as at->backup; only "at"
						 * and "pinned" matter */
	int		 read;		/* histories and commits were */
	size_t		 nstray;	/* lines that go on beside this one, by
					 * stray.h; if "read", and it is the
					 * latest */
	size_t		 nrunning;	/* backups under way */
	int		 force;
};

/*
 * ERR_ABSENT by rule 1, else ERR_USAGE with the reason and what to do.
 */
int	 dropline_check(const struct dropline_input *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The latest timeline when this one is gone: the highest that has a history or
 * a backup, or 1.  Only "tli" and "at" are looked at.
 */
uint32_t dropline_latest(const struct dropline_input *)
	    __attribute__((nonnull));

#endif /* PLAN_DROPLINE_H */
