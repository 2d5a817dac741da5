/* SPDX-License-Identifier: ISC */
#ifndef UNIT_FAULTENV_H
#define UNIT_FAULTENV_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"

/*
 * A fresh repository in a local directory, with keys, for tests of the rooms
 * in lib/repo.  The repository is testdir_path("repo"), the state folder
 * testdir_path("state").  Failures fail the test.
 */
#define FAULTENV_SERVER	"main"
#define FAULTENV_SYSTEM	UINT64_C(7300000000000000001)
#define FAULTENV_SEGSIZE	((uint64_t)1 << 20)

extern struct key	*faultenv_push, *faultenv_restore, *faultenv_public;

int		 faultenv_setup(void **state);
int		 faultenv_teardown(void **state);
struct archive	*faultenv_open(const struct key *);
struct archive	*faultenv_open_as(const struct key *, const char *server,
		    uint64_t system_id);

/* "repo/SERVER/SYSTEM/path", for testdir_*() functions. */
const char	*faultenv_file(const char *path);

/* Everything in the repository gone, and this host's memory of it. */
void		 faultenv_clean(void);

/* How many files there are below the repository's "sub" ("" for all). */
int		 faultenv_count(const char *sub);

/*
 * A segment of FAULTENV_SEGSIZE bytes with the header that belongs to the
 * name, and content that depends on "seed"; freed by the caller.
 */
uint8_t		*faultenv_segment(const char *name, unsigned seed);

/*
 * Make the store fail at its k-th operation from now on, counted from 1, and
 * at all later ones, as a lost connection does; 0: never.  With "after" the
 * operation itself is still done, and only its answer is lost.  The store
 * must be the archive's, opened before; returns how often it was called
 * since the last call of this function.
 */
unsigned	 faultenv_fail(struct archive *, unsigned k, int after);

#endif /* UNIT_FAULTENV_H */
