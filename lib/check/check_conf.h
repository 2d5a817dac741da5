/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECK_CONF_H
#define CHECK_CHECK_CONF_H

#include <stdint.h>

#include "check/checklist.h"
#include "crypt/key.h"
#include "expire/expire_conf.h"
#include "plan/health.h"
#include "store/store.h"

struct checklag;

/*
 * What the checks of one server are asked to do, and what its configuration
 * says.  All texts are borrowed.
 */
struct check_conf {
	const char	*server;
	int64_t		 now_us;	/* by this host's clock */
	int		 wanted[CHECKLIST_CHECKS];
	struct health_limits limits[CHECKLIST_CHECKS];

	/* The repository, and a key that lists it. */
	const struct store_conf *store;
	const struct key *key;
	const char	*state_dir;	/* what is remembered of it */
	const char	*agents_dir;	/* "run" in it has their sockets */
	/* What it has is kept here for the check "lag"; NULL: it is alone. */
	struct checklag	*lag;

	/*
	 * Whether this host is to reach the server: on a host that does not
	 * push and has no conninfo, what needs SQL is unknown.
	 */
	int		 sql;
	const char	*conninfo;
	const char	*data_directory;	/* NULL: as the server says */
	int		 own_directory;	/* base-push reads that one here */
	uint64_t	 timeout_ms;	/* of each answer of the server */
	const char	*slot;		/* of wal-receive */
	int		 slot_set;	/* the configuration names it, so WAL
					 * is to be received */

	struct expire_conf expire;	/* what the configuration says of it */
	int64_t		 expired_us;	/* when it last ran on this host and did
					 * not fail; 0: not known */

	/* For the check "deep": how long to wait for a segment. */
	uint64_t	 deep_wait_ms;
};

#endif /* CHECK_CHECK_CONF_H */
