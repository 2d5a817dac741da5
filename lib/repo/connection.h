/* SPDX-License-Identifier: ISC */
#ifndef REPO_CONNECTION_H
#define REPO_CONNECTION_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * A connection that is used now and then, over hours.  A connection that was
 * idle for long may be dead, so it is opened anew before its next use.
 *
 *	struct connection c = { .store = conf, .key = key, ... };
 *
 *	if (connection_up(&c, e) == 0)
 *		... c.a ...
 *	connection_drop(&c);
 */
struct connection {
	const struct store_conf *store;	/* these four are set by the caller, */
	const struct key *key;		/* and borrowed */
	const char	*server;
	uint64_t	 system_id;
	struct archive	*a;		/* owned; NULL: not connected */
	int64_t		 used_ms;	/* last connection_up() */
};

/* Make sure that "a" is connected.  Failures are those of archive_open(). */
int	 connection_up(struct connection *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Disconnect: at the end, and after a failure, since the connection may be
 * broken.  The next connection_up() opens another.
 */
void	 connection_drop(struct connection *);

#endif /* REPO_CONNECTION_H */
