/* SPDX-License-Identifier: ISC */
#ifndef TEST_FAULTENV_H
#define TEST_FAULTENV_H

#include <stddef.h>
#include <stdint.h>

#include "repo/archive.h"

/*
 * An empty repository in a local directory, with keys of all three roles,
 * whose store can be made to fail.  The repository is testdir_path("repo"),
 * the state folder testdir_path("state").  A failure of anything here fails
 * the test that called it.
 *
 *	cmocka_run_group_tests(tests, faultenv_setup, faultenv_teardown)
 */
#define FAULTENV_SERVER	"main"
#define FAULTENV_SYSTEM	UINT64_C(7300000000000000001)
#define FAULTENV_SEGSIZE	((uint64_t)1 << 20)

/* The keys live from setup to teardown. */
extern struct key	*faultenv_push, *faultenv_restore, *faultenv_public;

int		 faultenv_setup(void **state);
int		 faultenv_teardown(void **state);

/*
 * Open the repository with one of the keys, as server FAULTENV_SERVER and
 * system FAULTENV_SYSTEM or as others.  The caller calls archive_free().
 */
struct archive	*faultenv_open(const struct key *key);
struct archive	*faultenv_open_as(const struct key *key, const char *server,
		    uint64_t system_id);

/*
 * "repo/SERVER/SYSTEM/path", as testdir_*() functions take it.  The text
 * lives until the fourth call from here.
 */
const char	*faultenv_file(const char *path);

/* Remove all of the repository, and this host's memory of it. */
void		 faultenv_clean(void);

/* The number of files below the repository's "sub" ("" for all). */
int		 faultenv_count(const char *sub);

/*
 * Make a segment of FAULTENV_SEGSIZE bytes, with the header that belongs to
 * the name and content that depends on "seed".  The caller frees it.
 */
uint8_t		*faultenv_segment(const char *name, unsigned seed);

/*
 * Make the store fail at its k-th operation from now on, counted from 1, and
 * at all later ones, as a lost connection does; k = 0 ends that.  With
 * "after", the k-th operation is still done and only its answer is lost.  "a"
 * comes from faultenv_open*(), and only one archive at a time may be used
 * so.  Returns the number of operations since the last call.
 */
unsigned	 faultenv_fail(struct archive *a, unsigned k, int after);

#endif /* TEST_FAULTENV_H */
