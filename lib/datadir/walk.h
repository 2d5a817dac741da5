/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_WALK_H
#define DATADIR_WALK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Walks the data directory of a running cluster.
 *
 *	struct walk		*w = NULL;
 *	struct walk_entry	 en;
 *
 *	if (walk_open(&w, &conf, e))
 *		goto out;
 *	while ((rc = walk_next(w, &en, e)) == 0)
 *		...
 * out:
 *	walk_free(w);
 *
 * Entries come in the byte order of their whole relative paths, as strcmp()
 * sorts them, directories included: "a", "a.b", "a/b".  So a directory comes
 * before what it holds, but not always just before it.  The root itself is
 * not an entry; see walk_root().
 *
 * Memory: the names of one directory for each level of depth, which is the
 * length of the name and 11 bytes for each file.  Descriptors: one for each
 * level, at most WALK_DEPTH.
 *
 * The cluster is running.  A file that vanishes before the walk comes to it is
 * left out.  One that vanishes after it was handed out is the caller's
 * business (ENOENT at open).
 *
 * Links:
 *
 * - pg_tblspc/OID is WALK_LINK with its target.  Of the target only the
 *   version's directory (conf.tablespace_dir) is walked.  Refused are: a name
 *   that is not an OID; a relative target; a target that is missing, is a link
 *   itself, or lies inside the data directory; and a target without the
 *   version's directory, which an unmounted disk looks like.  In-place
 *   tablespaces are directories, and walked as such.
 * - A link to a file is handed out as that file.  A link to a directory
 *   (pg_wal, log) is handed out as that directory, and walked: a restore makes
 *   plain files and directories of them.  "linked" is set.  Refused are: a
 *   link to nothing that stands for a path of PostgreSQL's own
 *   (exclude_is_own()), others are left out with a note; a link to a
 *   directory that lies inside the data directory or holds it; and a directory
 *   that leads back to itself.
 *
 * Sockets, pipes and devices are left out with a note.
 *
 * Failures are ERR_LOCAL.
 */
struct walk;

#define WALK_DEPTH	64

enum walk_type {
	WALK_DIR,
	WALK_FILE,
	WALK_LINK		/* a tablespace */
};

struct walk_entry {
	const char	*path;		/* relative; until walk_next() */
	const char	*target;	/* the same, of WALK_LINK; else NULL */
	enum walk_type	 type;
	int		 linked;	/* it is the target of a link here */
	uint32_t	 mode;		/* permission bits */
	uint64_t	 size;		/* of WALK_FILE, else 0 */
	int64_t		 mtime_us;
	int64_t		 ctime_us;
	uint64_t	 inode;
	uint64_t	 device;
};

/* What a filter says of a path. */
enum walk_verdict {
	WALK_KEEP,
	WALK_SKIP,		/* neither it nor what it holds */
	WALK_EMPTY		/* of a directory: it, but not its content */
};

/*
 * Called once for every path, before the file is looked at.  A link to a
 * directory and a tablespace count as directories.  It may call walk_has().
 */
typedef enum walk_verdict walk_filter(void *arg, const struct walk *,
	    const char *path, int is_dir);

/* Called for what is left out: "text" is "socket", "pipe" or "device". */
typedef void	 walk_note(void *arg, const char *path, const char *text);

struct walk_conf {
	const char	*dir;		/* the data directory */
	const char	*tablespace_dir; /* "PG_15_202209061": see pgfacts.h */
	walk_filter	*filter;	/* NULL: keep all */
	walk_note	*note;		/* may be NULL */
	void		*arg;		/* for both */
};

/* Begin a walk; the strings of the configuration are copied. */
int	 walk_open(struct walk **, const struct walk_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Returns 0 with the next entry in *en, 1 after the last, or -1. */
int	 walk_next(struct walk *, struct walk_entry *en, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The data directory itself: path "". */
const struct walk_entry *walk_root(const struct walk *);

/*
 * For filters: whether the directory that holds the path in question had an
 * entry "name" when it was read.  (An unlogged relation 16384 is left out if
 * there is a 16384_init.)
 */
int	 walk_has(const struct walk *, const char *name);

void	 walk_free(struct walk *);			/* NULL is fine */

#endif /* DATADIR_WALK_H */
