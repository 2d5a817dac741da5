/* SPDX-License-Identifier: ISC */
#ifndef TEST_KEYRING_H
#define TEST_KEYRING_H

#include "crypt/key.h"

/*
 * The three keys of a repository, whose files lie in a temporary folder of
 * their own.  Any failure aborts the test program.
 */
struct keyring {
	char		 dir[64];	/* holds k.push, k.restore, k.public */
	struct key	*push, *restore, *public;
};

/*
 * Make new keys ("from" is NULL), or copy the files "from".push, .restore
 * and .public: git cannot keep them as private as a reader demands.
 */
void	 keyring_open(struct keyring *r, const char *from);

/* Free the three keys, and remove the folder and all files in it. */
void	 keyring_close(struct keyring *r);

#endif /* TEST_KEYRING_H */
