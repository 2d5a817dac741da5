/* SPDX-License-Identifier: ISC */
#ifndef REPO_RESTORE_H
#define REPO_RESTORE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/key.h"
#include "repo/label.h"
#include "store/store.h"

/*
 * Brings a base backup back into a directory: everything verified, chunk by
 * chunk, all of it durable, and pg_control last, so that what was not
 * finished cannot be started.
 */
struct restore_map {			/* --tablespace NAME:DIR */
	const char	*name;
	const char	*dir;
};

struct restore_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	struct archive	*archive;	/* of that cluster, borrowed: one that
					   is open already; NULL: open one */
	const struct label *label;
	const char	*dir;
	const struct restore_map *maps;
	size_t		 nmaps;
	unsigned	 jobs;

	/*
	 * Called when all files are there but pg_control, before they are
	 * synced: writes what recovery needs into the directory.
	 */
	int	(*configure)(void *arg, const char *dir, struct err *);
	void	(*progress)(void *arg, uint64_t bytes);	/* may be NULL */
	void	*arg;
};

/*
 * Where a tablespace will be: the mapped directory, or the path it had.
 * Borrowed.
 */
const char *restore_place(const struct restore_conf *,
	    const struct label_tablespace *);

/*
 * Check the directory and those of the tablespaces without changing
 * anything: ERR_CONFIG unless each is absolute where it must be, and absent,
 * or empty, or left incomplete by an earlier restore that was interrupted
 * (which is then begun anew).  A directory with a running server is refused
 * as one that is not empty.  ERR_USAGE for a mapping that names no
 * tablespace of the backup.
 */
int	 restore_check(const struct restore_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Do it.  After a failure the directory holds no pg_control. */
int	 restore_run(const struct restore_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_RESTORE_H */
