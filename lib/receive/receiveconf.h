/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVECONF_H
#define RECEIVE_RECEIVECONF_H

#include <stdint.h>

#include "codec/codec.h"
#include "repo/archive.h"

/* What wal-receive was asked to do. */

/* All of it borrowed. */
struct receive_conf {
	const struct store_conf	*store;
	const struct key	*key;		/* a .push key */
	const char		*server;
	const char		*state_dir;
	const char		*conninfo;	/* libpq's, for replication */
	const char		*sql_conninfo;	/* libpq's, for SQL */
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

#endif /* RECEIVE_RECEIVECONF_H */
