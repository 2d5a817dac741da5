/* SPDX-License-Identifier: ISC */
#ifndef TEST_KEYRING_H
#define TEST_KEYRING_H

#include "crypt/key.h"

/* The three keys of a repository, in a temporary folder of their own. */
struct keyring {
	char		 dir[64];
	struct key	*push, *restore, *public;
};

/*
 * New keys (from NULL), or copies of "from".push, .restore and .public,
 * which git can't keep as private as they must be.  Aborts on any failure.
 */
void	 keyring_open(struct keyring *, const char *from);

/* Load the file "dir"/"name". */
struct key *keyring_load(const struct keyring *, const char *name);

/* Free the keys, remove the folder and the files in it. */
void	 keyring_close(struct keyring *);

#endif /* TEST_KEYRING_H */
