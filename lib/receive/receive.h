/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVE_H
#define RECEIVE_RECEIVE_H

#include "receive/receiveconf.h"

/*
 * The work of wal-receive: WAL by streaming replication, acknowledged when it
 * is sealed and durable in the repository.
 */

/*
 * Receive until "stopped" or "once" says so.  Both connections are made again
 * after a failure that may pass, for as long as it takes; a repository that
 * cannot be reached keeps no connection to the server.
 *
 * ERR_CONFLICT if the server is another cluster than before, or the repository
 * holds other content; ERR_PG if the slot is missing or was invalidated, or if
 * nothing says where to begin.  Other failures that do not pass are those of
 * archive_open(), marker_ensure() and walpush_file().
 */
int	 receive_run(const struct receive_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove the slot, if it is there, and then what this host remembers of it, so
 * that nobody expects WAL to be received.  Of *conf only "conninfo", "slot",
 * "server" and "state_dir" count.  ERR_PG, or ERR_LOCAL.
 */
int	 receive_drop(const struct receive_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVE_H */
