/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVE_H
#define RECEIVE_RECEIVE_H

#include <stdint.h>

#include "codec/codec.h"
#include "repo/archive.h"

/*
 * The work of wal-receive: WAL by streaming replication, acknowledged when it
 * is sealed and durable in the repository.
 */

/* All of it borrowed. */
struct receive_conf {
	const struct store_conf	*store;
	const struct key	*key;		/* a .push key */
	const char		*server;
	const char		*state_dir;
	const char		*conninfo;	/* libpq's, for replication */
	const char		*slot;		/* must have passed
						   replslot_ok() */
	struct codec_spec	 codec;		/* of complete segments */
	uint64_t		 status_ms;	/* between two statuses, at
						   most */
	int			 create_slot;	/* if it does not exist */
	int			 from_now;	/* the same, and the
						   repository must be empty */
	uint64_t		 once;		/* end when all before this
						   LSN is durable; 0: never */
	/* Whether to end.  Asked about once a second, and after signals. */
	int	(*stopped)(void *arg);
	/* Called when streaming begins, for the first time and again. */
	void	(*ready)(void *arg);
	/* A line for the log. */
	void	(*note)(void *arg, const char *text);
	void	*arg;
};

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

/* Remove the slot.  ERR_PG. */
int	 receive_drop(const char *conninfo, const char *slot, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVE_H */
