/* SPDX-License-Identifier: ISC */
#ifndef REPO_ARCHIVE_H
#define REPO_ARCHIVE_H

#include <stdint.h>

#include "crypt/head.h"
#include "crypt/key.h"
#include "store/store.h"

/*
 * One cluster's part of a repository, over one connection: where it is, who
 * it belongs to, and the key of our role.  Everything in repo/ works on it.
 * One thread at a time; who works in parallel opens several.
 */
struct archive {
	struct store	*store;			/* owned */
	const struct key *key;			/* borrowed */
	char		 server[HEAD_SERVER_MAX + 1];
	uint64_t	 system_id;
};

/* Connect and enter SERVER/SYSTEMID.  Nothing is read or written yet. */
int	 archive_open(struct archive **, const struct store_conf *,
	    const struct key *, const char *server, uint64_t system_id,
	    struct err *) __attribute__((warn_unused_result, nonnull));
/*
 * The same in two steps, for who learns from the repository which clusters a
 * server has: at the root first, then into one, or another, of them.
 */
int	 archive_root(struct archive **, const struct store_conf *,
	    const struct key *, const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 archive_enter(struct archive *, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 archive_free(struct archive *);		/* NULL is fine */

/* Publish "n" bytes under "path", never replacing: ERR_CONFLICT. */
int	 archive_publish(struct archive *, const char *path, const void *,
	    size_t n, struct err *) __attribute__((warn_unused_result, nonnull));

/* The place of an object with that path; "path" is borrowed. */
struct head_place archive_place(const struct archive *, const char *path);

#endif /* REPO_ARCHIVE_H */
