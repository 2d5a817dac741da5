/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYRENEW_H
#define CRYPT_KEYRENEW_H

#include "base/err.h"
#include "crypt/keyrole.h"
#include "crypt/secret.h"

/* What keyrenew_files() has made. */
struct keyrenew {
	int	 restore;	/* the .restore file */
	int	 push;		/* the .push and the .public file */
	char	 signer[2 * KEY_ID_LEN + 1];	/* id of the new signer */
};

/*
 * Make the next key files of a repository: "next".push, .public and .restore,
 * with a new signer, beside which the old ones still count.  For when the
 * host with the push key is lost, or was stolen.
 *
 * "old".public must exist.  If "old".restore does not, "next".restore is not
 * made; then a later call, where "old".restore and "next".public are and
 * "next".restore is not, makes that file alone, with the signers of
 * "next".public.
 *
 * With "recipient" there is a new recipient as well.  It takes the place of
 * those whose secrets "old".restore holds, which must exist; other recipients
 * stay, and "next".restore holds the old secrets behind the new one.
 *
 * "pass" opens "old".restore if that is sealed, and seals "next".restore.
 * Returns 0; 1 if "old".restore is sealed and "pass" is NULL; or -1.
 * ERR_CONFLICT as keyfiles_write(); ERR_CONFIG if an old file is missing,
 * cannot be used or has no room for another key, or if files do not belong
 * together.  Only after 0 is there any new file.
 */
int	 keyrenew_files(struct keyrenew *, const char *old, const char *next,
	    int recipient, const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 6)));

#endif /* CRYPT_KEYRENEW_H */
