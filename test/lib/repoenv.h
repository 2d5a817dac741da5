/* SPDX-License-Identifier: ISC */
#ifndef TEST_REPOENV_H
#define TEST_REPOENV_H

#include "crypt/key.h"
#include "repo/archive.h"

/*
 * A local repository in a test's directory (testdir.h) with fresh keys of
 * all three roles, server "main", system identifier REPOENV_SYSTEM.
 */
#define REPOENV_SYSTEM	UINT64_C(7301234567890123456)
#define REPOENV_ID	"20261122T040001Z"

struct repoenv {
	struct store_conf	 conf;
	char			 dir[512];
	struct key		*push, *restore, *public;
};

void		 repoenv_make(struct repoenv *);
void		 repoenv_remove(struct repoenv *);

/* Open it with one of the keys. */
struct archive	*repoenv_open(const struct repoenv *, const struct key *);

/* The path of an object as this process sees it, for testdir_*(). */
const char	*repoenv_file(const char *path);

/* The marker, with WAL segments of 1 MiB. */
void		 repoenv_marker(const struct repoenv *);

/* Any bytes under any name: listings do not look into files. */
void		 repoenv_put(const char *path, const char *text);

/*
 * A label: from "start" to "stop" (LSNs) on a timeline, taken "hour" hours
 * after a moment 30 days ago and one hour long.  Packs 1 and 2 are its own; "old", if
 * not NULL, is a backup whose pack 1 it refers to.
 */
void		 repoenv_label(const struct repoenv *, const char *id,
		    uint32_t tli, uint64_t start, uint64_t stop,
		    unsigned hour, const char *old);

/* Replace a published file's content behind the store's back. */
void		 repoenv_change(const char *path, const void *, size_t);

#endif /* TEST_REPOENV_H */
