/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_CONF_H
#define RESTORE_RESTORE_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/spacelimit.h"
#include "crypt/key.h"
#include "datadir/deltadir.h"
#include "restore/onlydb.h"
#include "store/store.h"

/*
 * What a restore is asked for, and what it reports of its work.  All that a
 * restore_conf points to is borrowed, and must outlive the restore.
 */

#define RESTORE_MODE	0777U	/* no set-uid program comes from a backup */

/* What a restore makes. */
enum restore_form {
	RESTORE_FILES,		/* files in a data directory */
	RESTORE_TAR,		/* one tar archive of all */
	RESTORE_TARS		/* one of the data directory, and one of each
				   tablespace, in a directory */
};

struct restore_map {			/* --tablespace NAME:DIR */
	const char	*name;
	const char	*dir;
};

/* What a delta restore does to something that is there already. */
enum restore_deed {
	RESTORE_REMOVED,	/* it does not belong to the backup */
	RESTORE_LINK,		/* the same, and it is a link out of the
				   directory; its target is left alone */
	RESTORE_DIFFERS		/* a file: the chunks that differ are
				   replaced */
};

enum restore_phase {
	RESTORE_COPY,
	RESTORE_SYNC
};

struct restore_stats {
	uint64_t	 kept_files, kept;	/* files, bytes: were right */
	uint64_t	 files, bytes;		/* the same: were restored */
	uint64_t	 removed;		/* names */
	uint64_t	 emptied_files, emptied; /* of unwanted databases */
};

struct restore_conf {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	/*
	 * The archive of that cluster if one is open; NULL: open one, which is
	 * not done for a tar archive.
	 */
	struct archive	*archive;
	const struct label *label;		/* the backup */
	enum restore_form form;
	/*
	 * The new data directory; or the archive's file, or "-" for standard
	 * output; or the directory of the archives.
	 */
	const char	*dir;
	int		 out;		/* the descriptor that "-" means */
	const struct restore_map *maps;
	size_t		 nmaps;
	const char	*config_dir;	/* --config-dir, or NULL; the caller
					   calls configdir_write() */
	unsigned	 jobs;			/* threads, connections */
	struct spacelimits *spaces;		/* NULL: none */
	int		 delta;			/* keep what is right */
	const struct onlydb *only;		/* NULL: all databases */

	/*
	 * Called when all files but pg_control are in place, before they are
	 * synced: it writes what recovery needs into "dir".  For an archive
	 * "dir" is another one, which has only what may be configuration, and
	 * is removed at the end.  If it appends to
	 * postgresql.conf, *appended, which is NULL at first, becomes that
	 * text, which it owns.
	 */
	int	(*configure)(void *arg, const char *dir,
		    const char **appended, struct err *);
	/*
	 * Called about once a second with the bytes that are done so far, and
	 * once before all is synced; may be NULL.
	 */
	void	(*progress)(void *arg, enum restore_phase, uint64_t bytes);
	/*
	 * Called before each deed of a delta restore, from several threads,
	 * one at a time for RESTORE_DIFFERS.  "path" is relative to the data
	 * directory, and may hold any bytes.  May be NULL.
	 */
	void	(*report)(void *arg, enum restore_deed, const char *path);
	void	*arg;				/* of these three */
};

/* The major version of PostgreSQL that the backup is of. */
unsigned restore_conf_major(const struct restore_conf *)
	    __attribute__((nonnull));

/*
 * In-place tablespaces (PostgreSQL 15) are directories inside the data
 * directory; all others are reached by a link.
 */
int	 restore_conf_is_linked(const struct label_tablespace *)
	    __attribute__((nonnull));

/*
 * The index of the label's tablespace that has a link and that "path", relative
 * to the data directory, belongs to; SIZE_MAX if there is none, and then *rest
 * is not set.  *rest is what follows the tablespace's own path, "" or "/...".
 */
size_t	 restore_conf_space(const struct label *, const char *path,
	    const char **rest) __attribute__((nonnull));

/* Whether a tablespace that had a link becomes a directory in pg_tblspc. */
int	 restore_conf_in_place(const struct restore_conf *)
	    __attribute__((nonnull));

/* The directory of a tablespace: where it is mapped to, or where it was. */
const char *restore_conf_place(const struct restore_conf *,
	    const struct label_tablespace *) __attribute__((nonnull));

/* The same, with what datadir/deltadir.h asks for. */
struct deltadir_place restore_conf_over(const struct restore_conf *,
	    const struct label_tablespace *) __attribute__((nonnull));

#endif /* RESTORE_RESTORE_CONF_H */
