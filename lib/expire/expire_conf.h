/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_CONF_H
#define EXPIRE_EXPIRE_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "plan/retention_policy.h"

/* What an expiry is asked to do. */
struct expire_conf {
	struct retention_policy	 policy;
	uint64_t		 minimum_redundancy;
	int64_t			 abandoned_us;
	const char *const	*gone;		/* ids to let go, see below */
	size_t			 ngone;
	int			 force;		/* the newest one, too */
	int64_t			 now_us;	/* this host's clock */
};

#endif /* EXPIRE_EXPIRE_CONF_H */
