/* SPDX-License-Identifier: ISC */
#ifndef REPO_CONNECTION_H
#define REPO_CONNECTION_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * A connection that is used now and then for hours: one that was idle may
 * be dead, and is opened anew.  Fill in all but the last two; connection_drop() at
 * the end.
 */
struct connection {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	struct archive	*a;		/* owned; good after connection_up() */
	int64_t		 used_ms;
};

int	 connection_up(struct connection *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 connection_drop(struct connection *);

#endif /* REPO_CONNECTION_H */
