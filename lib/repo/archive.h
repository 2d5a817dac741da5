/* SPDX-License-Identifier: ISC */
#ifndef REPO_ARCHIVE_H
#define REPO_ARCHIVE_H

#include <stdint.h>

#include "crypt/head.h"
#include "crypt/key.h"
#include "store/store.h"

/*
 * One cluster's part of a repository, over one connection: where it lies, which
 * cluster it is of, and the key of our role.  A thread that works in parallel
 * with others must open its own.
 */
struct archive {
	struct store	*store;			/* owned */
	const struct key *key;			/* borrowed */
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
};

/*
 * Connect, and take all paths from then on relative to SERVER/SYSTEMID.
 * Nothing is read or written yet, except the inventories of retired signers,
 * if the key has any (repo/inventory.h); whether a repository is there is shown
 * by its marker (repo/marker.h).  Failures are those of store_open() and
 * inventory_load(), and ERR_CONFIG if "server" can be no server's name.
 */
int	 archive_open(struct archive **, const struct store_conf *,
	    const struct key *, const char *server, uint64_t system_id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The same in two steps, for callers that learn from the repository which
 * clusters a server has: connect at its root, then enter one cluster.
 * archive_enter() may be called again, for another one.
 */
int	 archive_root(struct archive **, const struct store_conf *,
	    const struct key *, const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 archive_enter(struct archive *, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 archive_free(struct archive *);		/* NULL is fine */

/*
 * Publish the "n" bytes at "p" under "path"; they are durable when this
 * returns 0.  Nothing is ever replaced: ERR_CONFLICT if the name is taken.
 */
int	 archive_publish(struct archive *, const char *path, const void *p,
	    size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The place of the object "path", for its header; borrows both arguments. */
struct head_place archive_place(const struct archive *, const char *path);

#endif /* REPO_ARCHIVE_H */
