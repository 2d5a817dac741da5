/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALINDEX_H
#define WAL_WALINDEX_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"
#include "plan/coverage.h"
#include "repo/archive.h"

/*
 * What the listings below wal/ say of an archive.  Names in a listing come
 * from a host that is not trusted.  One that is not a WAL file's, or that
 * stands in another folder than it should, is counted and otherwise ignored.
 */

/* What is stored of one timeline. */
struct walindex_timeline {
	uint32_t	 tli;
	int		 history;	/* its history file is there */
	int		 dir;		/* its folder is listed as a folder: a
					 * symbolic link is not */
	uint64_t	 segments, partials, backups;	/* numbers of files */
	uint64_t	 bytes;		/* as stored; of files of all kinds */
	uint64_t	 first, last;	/* lowest and highest segment number,
					 * if there is any segment */
	uint64_t	 oldest;	/* number of the one with the earliest
					 * time; if oldest_at is known */
	/*
	 * Times of the history file, of the segment with the lowest number,
	 * and the earliest and the latest time of any segment, in seconds by
	 * the repository's clock; 0: none, or not known.
	 */
	int64_t		 history_at, first_at, oldest_at, newest_at;
};

/* An open object (lib/FORMAT.md, 14), by its name; nothing of it was read. */
struct walindex_open {
	uint32_t	 tli;
	uint64_t	 segno;
	unsigned	 number;
	uint64_t	 size;		/* of the file, in bytes */
	int64_t		 at;		/* as the times above */
};

struct walindex {
	uint32_t	 segsize;
	struct coverage_set set;	/* complete segments; settled */
	struct walindex_timeline *tl;	/* owned; ascending */
	size_t		 ntl;
	/* Open objects; owned; by timeline, segment and number. */
	struct walindex_open *open;
	size_t		 nopen, open_room;
	size_t		 unknown;	/* names that were ignored */
	char		 unknown_name[64];	/* the first of them, cleaned */
	/*
	 * Those of them that begin like the name of a WAL file or of a
	 * backup's directory: how many, and the path of the first, cleaned.
	 */
	size_t		 misplaced;
	char		 misplaced_path[96];
};

/*
 * Called for each WAL file, in no order, with its name and its entry in the
 * listing.  Returns 0, or -1 to stop with its own error.
 */
typedef int	 walindex_seen(void *arg, const struct walname *,
		    const struct store_entry *, struct err *);

/*
 * Called with the path of each folder below wal/ that cannot be listed although
 * the marker can be read.  Returns as above.
 */
typedef int	 walindex_unlisted(void *arg, const char *path,
		    const struct err *why, struct err *);

/*
 * List everything below wal/, in three flights of listings, however many
 * folders there are.  "w" must be all zeros except w->segsize, the cluster's
 * segment size in bytes.  The caller must release it with walindex_fini(),
 * also after a failure.
 */
int	 walindex_load(struct walindex *w, struct archive *, walindex_seen *,
	    walindex_unlisted *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));
void	 walindex_fini(struct walindex *);

/* What is stored of timeline "tli"; NULL if nothing is. */
const struct walindex_timeline *walindex_find(const struct walindex *,
	    uint32_t tli) __attribute__((nonnull));

/* As if the history file of timeline "tli" were not there. */
void	 walindex_forget(struct walindex *, uint32_t tli)
	    __attribute__((nonnull));

/*
 * Count a name that is none of ours; also one that was found elsewhere, in the
 * folder "folder".
 */
void	 walindex_ignore(struct walindex *, const char *folder,
	    const char *name);

#endif /* WAL_WALINDEX_H */
