/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_CONF_H
#define EXPIRE_EXPIRE_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "plan/retention_policy.h"

/* What an expiry is asked to do.  Times are in microseconds. */
struct expire_conf {
	struct retention_policy	 policy;
	uint64_t		 minimum_redundancy;
	/* What came so lately makes nothing go; 0: all counts at once. */
	int64_t			 grace_us;
	/* Nobody works any more on what has not changed for so long. */
	int64_t			 abandoned_us;
	/* Ids of backups to delete, whatever the policy; usually none. */
	const char *const	*gone;
	size_t			 ngone;
	uint32_t		 timeline;	/* to delete; 0: none */
	int			 force;		/* "gone" may name the newest;
						 * backups may go with
						 * "timeline" */
	int64_t			 now_us;	/* by this host's clock */
	/* Where to remember what was seen; NULL: nowhere.  Borrowed. */
	const char		*state_dir;
	/*
	 * Write nothing into the repository, and only find out what would go.
	 * Its clock cannot be asked then, and this host's counts alone.
	 */
	int			 dry;
	/*
	 * Called with how many files were deleted, of those that are known by
	 * then to go; may be NULL.
	 */
	void	(*progress)(void *arg, uint64_t done, uint64_t total);
	void			*arg;
};

#endif /* EXPIRE_EXPIRE_CONF_H */
