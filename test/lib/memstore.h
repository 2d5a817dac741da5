/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMSTORE_H
#define TEST_MEMSTORE_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"

/*
 * A repository in memory, with a clock of its own, so that thousands of
 * histories can be played through.  What it promises is what store.h does;
 * nothing is slow and nothing is lost.  The files outlive the stores that
 * lead to them.
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

void	 memstore_clear(struct memstore *);
void	 memstore_copy(struct memstore *to, const struct memstore *from);

/* An archive of server "main", system identifier 7; archive_free() it. */
struct archive *memstore_open(struct memstore *, const struct key *);

/* Put a file with this time, and the directories above it. */
void	 memstore_put(struct memstore *, const char *path, const char *text,
	    int64_t mtime);
void	 memstore_rename(struct memstore *, const char *from, const char *to);
void	 memstore_remove(struct memstore *, const char *path);

struct memstore_file *memstore_find(const struct memstore *,
	    const char *path);
int	 memstore_has(const struct memstore *, const char *path);

#endif /* TEST_MEMSTORE_H */
