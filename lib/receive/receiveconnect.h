/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVECONNECT_H
#define RECEIVE_RECEIVECONNECT_H

#include <limits.h>
#include <stdint.h>

#include "cluster/pgfacts.h"
#include "cluster/replslot.h"
#include "pg/history.h"
#include "plan/receivestart.h"
#include "receive/receiveconf.h"
#include "receive/receivestate.h"

/*
 * Both connections, and where to begin.  The repository comes first: while it
 * cannot be reached the server is left alone, so that it can be stopped.
 */
struct receiveconnect {
	struct archive	*archive;
	struct sql	*sql;
	struct pgfacts	 facts;
	struct replslot	 slot;
	uint64_t	 server_lsn;	/* asked after the listing */
	int		 standby;	/* the server is one */
	struct history	 line;		/* of the server's timeline */
	int		 bare;		/* the repository held no segment */
	struct receivestart start;
	char		 dir[PATH_MAX];	/* for segments under way */
};

/*
 * "c" must be all zeros, and must be released, also after a failure.  *lasting
 * becomes 1 if another attempt would fail as well.  "seen" is what was
 * acknowledged last; its system_id is set if it was 0.
 */
int	 receiveconnect_open(struct receiveconnect *c,
	    const struct receive_conf *, struct receivestate *seen,
	    int *lasting, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Begin at the second place, after REPLSTREAM_REMOVED at the first.  If all in
 * between is held, its names are made durable: it will be acknowledged.
 */
int	 receiveconnect_second(struct receiveconnect *c, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The connection to the server first, so that it need not wait. */
void	 receiveconnect_close(struct receiveconnect *c)
	    __attribute__((nonnull));

/* Store the history file of timeline "tli"; it is durable on success. */
int	 receiveconnect_history(struct receiveconnect *c,
	    const struct receive_conf *, uint32_t tli, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVECONNECT_H */
