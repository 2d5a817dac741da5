/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKFACTS_H
#define CHECK_CHECKFACTS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "catalogue/window.h"
#include "check/check_conf.h"
#include "cluster/pgfacts.h"
#include "cluster/pgsession.h"
#include "cluster/pgwatch.h"
#include "cluster/slotother.h"
#include "cluster/slotwatch.h"
#include "expire/expire.h"
#include "receive/receivestate.h"
#include "repo/archive.h"
#include "repo/marker.h"

/*
 * What the checks of a server judge, gathered once for all of them.  What
 * could not be learned is no failure: it is missing here, and the reason is
 * kept for those checks that need it.
 *
 * The order matters.  The server is asked before the repository is listed, so
 * that a segment which is archived meanwhile does not look as if it were lost
 * (plan/archiving.h).
 */

/* A directory of a backup without a label, which may be under way. */
struct checkfacts_run {
	char		 id[LAYOUT_ID];
	int64_t		 stored_us;	/* when it last stored something, by
					 * the repository's clock; 0: never */
	enum {
		CHECKFACTS_ELSEWHERE,	/* this host knows nothing of it */
		CHECKFACTS_DEAD,	/* it was begun here, and its push
					 * does not run any more */
		CHECKFACTS_ALIVE	/* its push runs here */
	}		 here;
	int64_t		 moved_us;	/* when its journal last grew, by this
					 * host's clock; 0: not known */
};

struct checkfacts {
	const struct check_conf *conf;	/* borrowed */

	/* The server. */
	struct pgsession *session;	/* owned; NULL: no connection */
	int		 watched;	/* the next two are set */
	struct pgfacts	 pg;
	struct pgwatch	 watch;
	int64_t		 asked_us;	/* by this host's clock, in the middle
					 * of the question for "pg" */
	struct err	 sql_why;	/* why not */

	/* Its slot for wal-receive, if the server was asked. */
	int		 slot_known;	/* the next one is set */
	struct slotwatch slot;
	struct err	 slot_why;	/* why not */
	struct slotother other;		/* somebody else's; no name: there is
					 * none, or the role may not know */
	struct receivestate seen;	/* what a receiver on this host has
					 * acknowledged; its system_id is 0 if
					 * none has */

	/* The data directory. */
	int		 has_dir;	/* the next three are set */
	char		 dir[PATH_MAX];
	uint64_t	 dir_system;	/* its system identifier */
	uint64_t	 wal_free;	/* bytes, where pg_wal is */
	struct err	 dir_why;

	/* The repository. */
	struct archive	*a;		/* owned; NULL: no connection */
	int		 has_about;	/* the next one is set */
	struct store_about about;
	uint64_t	*clusters;	/* owned; system identifiers */
	size_t		 nclusters;	/* of the server, ascending */
	/*
	 * Where this is not the cluster that initdb made last: that one, and
	 * when the repository last got a segment or a backup of it, in seconds
	 * by its clock.  0: it is.
	 */
	uint64_t	 rival;
	int64_t		 rival_at;
	int		 listed;	/* all that follows is set */
	struct marker	 marker;
	struct catalogue *cat;		/* owned */
	/* What expiry would do; NULL: it is not able to decide, and why not. */
	struct expire	*plan;		/* owned */
	struct expire_conf plan_conf;
	struct err	 plan_why;
	/* By headers, as expiry has it; by listings, if it does not decide. */
	const struct evidence *evidence;
	struct evidence	 by_list;	/* owned; of the latter */
	struct window	 window;
	size_t		 newest;	/* of the backups that count;
					 * SIZE_MAX: none does */
	struct checkfacts_run *run;	/* owned; in the order of their ids */
	size_t		 nrun;
	struct err	 repo_why;
};

/* Release what gather_facts() (gather.h) gathered. */
void	 checkfacts_fini(struct checkfacts *) __attribute__((nonnull));

/*
 * Whether a backup counts: it is complete, and all WAL from its start to its
 * stop is there.
 */
int	 checkfacts_counts(const struct checkfacts *, size_t label)
	    __attribute__((nonnull));

/*
 * When the repository last got a segment or a backup of a cluster, in seconds
 * by its clock; 0: never.
 */
int64_t	 checkfacts_last(const struct catalogue *) __attribute__((nonnull));

/* How many backups count. */
size_t	 checkfacts_counting(const struct checkfacts *)
	    __attribute__((nonnull));

/*
 * Whether WAL of the server is, or is to be, received: its slot is there or
 * is a synchronous standby's, the configuration names one, a receiver of this
 * host has had it, or the repository holds a part of a segment that only a
 * receiver leaves there.
 */
int	 checkfacts_received(const struct checkfacts *)
	    __attribute__((nonnull));

/* Whether the server was asked, and is a primary. */
int	 checkfacts_primary(const struct checkfacts *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKFACTS_H */
