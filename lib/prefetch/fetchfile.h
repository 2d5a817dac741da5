/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_FETCHFILE_H
#define PREFETCH_FETCHFILE_H

#include <stdint.h>

#include "pg/walname.h"

/*
 * The table of files that are to be fetched, are being fetched, or are here.
 * Two files of one name may be in it while one of them is given or dropped.
 */
#define FETCHFILE_MAX	192u

enum fetchfile_stage {
	FETCHFILE_FREE = 0,
	FETCHFILE_WANTED,	/* to be fetched */
	FETCHFILE_RUNNING,	/* being fetched */
	FETCHFILE_HERE,		/* fetched */
	FETCHFILE_GIVING,	/* being given to a client */
	FETCHFILE_SPOILED,	/* in the window, and known to be damaged */
	FETCHFILE_DROPPED,	/* to be removed */
	FETCHFILE_DROPPING	/* being removed */
};

struct fetchfile {
	enum fetchfile_stage stage;
	int		 ahead;		/* in the window */
	int		 old;		/* its fetch began before the window
					   moved */
	uint64_t	 id;		/* never used twice, never 0 */
	char		 name[WALNAME_TEXT];
};

/* All zero is empty. */
struct fetchfile_table {
	uint64_t	 last_id;
	struct fetchfile file[FETCHFILE_MAX];
};

/* "for FETCHFILE_EACH(t, f)" visits all places, also those that are free. */
#define FETCHFILE_EACH(t, f) \
	((f) = (t)->file; (f) < (t)->file + FETCHFILE_MAX; (f)++)

/* The file of that name that can still reach a client, or NULL. */
struct fetchfile *fetchfile_find(struct fetchfile_table *t,
	    const char *name) __attribute__((warn_unused_result, nonnull));

/* The file with that id.  It must be in the table. */
struct fetchfile *fetchfile_by_id(struct fetchfile_table *t, uint64_t id)
	    __attribute__((warn_unused_result, nonnull));

/* A new file that is to be fetched, or NULL if the table is full. */
struct fetchfile *fetchfile_add(struct fetchfile_table *t,
	    const char *name) __attribute__((warn_unused_result, nonnull));

/* How many take up room on the disk, except those that are being given. */
unsigned fetchfile_on_disk(const struct fetchfile_table *t)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PREFETCH_FETCHFILE_H */
