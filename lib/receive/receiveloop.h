/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVELOOP_H
#define RECEIVE_RECEIVELOOP_H

#include "cluster/replstream.h"
#include "receive/receiveconnect.h"

/* One stream of one timeline, from its start to its end. */
enum receiveloop_end {
	RECEIVELOOP_STOPPED,	/* as asked, or "once" is durable */
	RECEIVELOOP_TIMELINE,	/* another timeline follows */
	RECEIVELOOP_SHUTDOWN,	/* the server ends */
	RECEIVELOOP_HURRY	/* the repository keeps a server that shuts
				   down from ending; it must be let go */
};

struct receiveloop_result {
	enum receiveloop_end	 end;
	enum replstream_why	 why;		/* of a failure */
	uint32_t		 next_tli;	/* RECEIVELOOP_TIMELINE */
	uint64_t		 next_lsn;
};

/*
 * Stream timeline "tli" from "lsn", the first byte of a segment.  "seen" gets
 * what was acknowledged, and is saved.  ERR_PG if the server failed,
 * ERR_REMOTE if the repository did.
 *
 * After a failure, and unless another timeline follows, the connection to the
 * server is closed before anything else is waited for.
 */
int	 receiveloop_run(struct receiveloop_result *,
	    struct receiveconnect *, const struct receive_conf *,
	    uint32_t tli, uint64_t lsn, struct receivestate *seen,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVELOOP_H */
