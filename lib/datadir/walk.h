/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_WALK_H
#define DATADIR_WALK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Walk the data directory of a running cluster.
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
 * sorts them, directories included: "a", "a.b", "a/b".  (So a directory's
 * content need not follow it at once.)  A directory always comes before what
 * it holds.  The root itself is not an entry; see walk_root().
 *
 * Memory: the names of one directory for each level of depth, about the
 * length of a name and 11 bytes for each file.  One descriptor for each
 * level, at most WALK_DEPTH.
 *
 * The cluster is alive: what vanishes before it is looked at is left out.
 * What vanishes after it was handed out is for the caller to deal with
 * (ENOENT at open).
 *
 * Links:
 *
 * - pg_tblspc/OID is WALK_LINK with its target, and then the version's
 *   directory (conf.tablespace_dir) below it is walked, and nothing else
 *   there.  Refused: a name that is not an OID; a relative target; a target
 *   that is a link itself, is not there, or lies inside the data directory;
 *   a target without the version's directory (an unmounted disk looks so).
 *   In-place tablespaces are directories and walked as such.
 * - A link to a file is handed out as that file, a link to a directory
 *   (pg_wal, log) as that directory and walked: a restore makes plain files
 *   and directories of them.  "linked" is set.  Refused: a link to nothing,
 *   to a directory inside the data directory or around it, and a directory
 *   that is on the way to itself.
 *
 * Sockets, pipes and devices are left out with a note.
 *
 * ERR_LOCAL for what this host refuses; ERR_PG for links that we refuse.
 */
struct walk;

#define WALK_DEPTH	64

enum walk_type {
	WALK_DIR,
	WALK_FILE,
	WALK_LINK		/* a tablespace */
};

struct walk_entry {
	const char	*path;		/* relative; valid until walk_next() */
	const char	*target;	/* of WALK_LINK, else NULL; the same */
	enum walk_type	 type;
	int		 linked;	/* reached by following a link here */
	uint32_t	 mode;		/* permission bits */
	uint64_t	 size;		/* of WALK_FILE, else 0 */
	int64_t		 mtime_us;
	int64_t		 ctime_us;
	uint64_t	 inode;
	uint64_t	 device;
};

/* What to do with a path. */
enum walk_verdict {
	WALK_KEEP,
	WALK_SKIP,		/* neither it nor what it holds */
	WALK_EMPTY		/* a directory: itself but nothing in it */
};

/*
 * Asked once for every path, before it is looked at; a link to a directory
 * and a tablespace count as directories.  Inside, walk_has() may be used.
 */
typedef enum walk_verdict walk_filter(void *arg, const struct walk *,
	    const char *path, int is_dir);

/* Told of what is left out for its type: "text" is "socket", "pipe", ... */
typedef void	 walk_note(void *arg, const char *path, const char *text);

struct walk_conf {
	const char	*dir;		/* the data directory */
	const char	*tablespace_dir; /* "PG_15_202209061": see pgfacts.h */
	walk_filter	*filter;	/* NULL: keep all */
	walk_note	*note;		/* NULL: nobody listens */
	void		*arg;		/* for both */
};

/* Strings in "conf" are copied. */
int	 walk_open(struct walk **, const struct walk_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Returns 0 with the next entry, 1 after the last, or -1. */
int	 walk_next(struct walk *, struct walk_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The data directory itself: path "". */
const struct walk_entry *walk_root(const struct walk *);

/*
 * For filters: whether the directory that holds the path under question had
 * an entry "name" when it was read (unlogged relations: 16384 is left out
 * where 16384_init stands beside it).
 */
int	 walk_has(const struct walk *, const char *name);

void	 walk_free(struct walk *);			/* NULL is fine */

#endif /* DATADIR_WALK_H */
