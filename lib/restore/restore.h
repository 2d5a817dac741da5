/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "crypt/key.h"
#include "datadir/deltadir.h"
#include "restore/onlydb.h"
#include "store/store.h"

/*
 * Brings a base backup back into a directory: everything verified, chunk by
 * chunk, all of it durable, and pg_control last, so that what was not
 * finished cannot be started.
 *
 * A delta restore goes over what the directory holds (repo/deltadir.h says
 * what may be gone over): pg_control is taken away first; chunks that are
 * right, by their hash, stay; what differs is brought; what does not belong
 * to the backup is removed, in the directory and in what the backup has of
 * its tablespaces, and nowhere else.  No link is followed, and a file with
 * several names, or that we cannot open or do not own, is made anew.
 */
struct restore_map {			/* --tablespace NAME:DIR */
	const char	*name;
	const char	*dir;
};

enum restore_deed {
	RESTORE_REMOVED,	/* what does not belong to the backup */
	RESTORE_LINK,		/* the same: a link out of the directory; what
				   is behind it stays as it is */
	RESTORE_DIFFERS		/* a file, as far as it is not right */
};

struct restore_stats {
	uint64_t	 kept_files, kept;	/* bytes */
	uint64_t	 files, bytes;		/* brought */
	uint64_t	 removed;		/* names */
	uint64_t	 emptied_files, emptied;	/* of other databases */
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
	int		 delta;
	const struct onlydb *only;	/* borrowed; NULL: all databases */

	/*
	 * Called when all files are there but pg_control, before they are
	 * synced: writes what recovery needs into the directory.
	 */
	int	(*configure)(void *arg, const char *dir, struct err *);
	void	(*progress)(void *arg, uint64_t bytes);	/* may be NULL */
	/*
	 * Told of what a delta restore is about to do, from several threads;
	 * paths are relative to the directory, not clean.  May be NULL.
	 */
	void	(*told)(void *arg, enum restore_deed, const char *path);
	void	*arg;
};

/*
 * Where a tablespace will be: the mapped directory, or the path it had.
 * Borrowed.
 */
const char *restore_place(const struct restore_conf *,
	    const struct label_tablespace *);

/* The same, for repo/deltadir.h. */
struct deltadir_place restore_over(const struct restore_conf *,
	    const struct label_tablespace *);

/* In-place tablespaces (PostgreSQL 15) are directories of the cluster. */
int	 restore_is_linked(const struct label_tablespace *);

/*
 * Check the directory and those of the tablespaces without changing
 * anything: ERR_CONFIG unless each is absolute where it must be, and absent,
 * or empty, or left incomplete by an earlier restore that was interrupted
 * (which is then begun anew).  A directory with a running server is refused
 * as one that is not empty.  ERR_USAGE for a mapping that names no
 * tablespace of the backup.  With "delta" what deltadir.h says.
 */
int	 restore_check(const struct restore_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Do it.  After a failure the directory holds no pg_control. */
int	 restore_run(const struct restore_conf *, struct restore_stats *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What a delta restore would do, without doing it: all that is there is
 * compared, as it would be.
 */
int	 restore_preview(const struct restore_conf *, struct restore_stats *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_RESTORE_H */
