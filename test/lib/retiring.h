/* SPDX-License-Identifier: ISC */
#ifndef TEST_RETIRING_H
#define TEST_RETIRING_H

#include "repo/layout.h"
#include "repoenv.h"

/*
 * What is done after a theft: the signer of a push key is retired, and a new
 * one vouches for what it signed before.  Key files lie in the test's directory
 * (testdir.h).  A failure of anything here fails the test that called it.
 */

/* Make the files "to".push and its kin, which retire all signers of "from". */
void		 retiring_renew(const char *from, const char *to);

/* Load a key file.  The caller frees the key. */
struct key	*retiring_load(const char *file);

/*
 * Publish an inventory of "signer", until one second after 1970 began, signed
 * by the push key "by".  Its path is left in "path".
 */
void		 retiring_vouch(char path[LAYOUT_PATH],
		    const struct repoenv *env, const struct key *by,
		    const uint8_t *signer, uint8_t (*entry)[HASH_LEN],
		    size_t n);

#endif /* TEST_RETIRING_H */
