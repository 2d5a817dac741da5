/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMSTORE_H
#define TEST_MEMSTORE_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"

/*
 * A repository in memory with a clock of its own, so that thousands of
 * histories can be played through.  It keeps the promises of store.h; it is
 * never slow and never loses anything.  The files belong to the memstore and
 * outlive the archives that are opened on it.  A zeroed struct is an empty
 * repository.
 */
struct memstore_file {
	char		 path[128];
	char		*data;		/* owned; NULL: a directory */
	size_t		 n;
	int64_t		 mtime;		/* seconds */
};

struct memstore {
	struct memstore_file *v;	/* owned */
	size_t		 n, room;
	int64_t		 now;		/* its clock, seconds */
};

/* Release all files.  What is left is an empty repository. */
void	 memstore_clear(struct memstore *m);

/* Make "to" a copy, with the clock; release what it held. */
void	 memstore_copy(struct memstore *to, const struct memstore *from);

/*
 * An archive of server "main", system identifier 7, on these files.  The
 * caller calls archive_free().
 */
struct archive *memstore_open(struct memstore *m, const struct key *key);

/* Put or replace a file with this time, and the directories above it. */
void	 memstore_put(struct memstore *m, const char *path,
	    const char *text, int64_t mtime);

/* Rename a file; aborts if it does not exist, or "to" does. */
void	 memstore_rename(struct memstore *m, const char *from,
	    const char *to);
/*
 * Give a file one more name, as a hard link does: it keeps its time.  Aborts as
 * memstore_rename() does.
 */
void	 memstore_link(struct memstore *m, const char *from, const char *to);
void	 memstore_remove(struct memstore *m, const char *path);

/* The file or directory, or NULL; valid until the repository changes. */
struct memstore_file *memstore_find(const struct memstore *m,
	    const char *path);
int	 memstore_has(const struct memstore *m, const char *path);

#endif /* TEST_MEMSTORE_H */
