/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYRENEW_H
#define CRYPT_KEYRENEW_H

#include <stddef.h>

#include "base/err.h"
#include "crypt/keyrole.h"
#include "crypt/secret.h"

/* What is to be different. */
struct keyrenew_conf {
	int		 recipient;	/* a new one */
	const char	*retire;	/* a signer, or "all"; NULL: none */
	const char	*drop;		/* a retired signer; NULL: none */
};

/* What keyrenew_files() has made. */
struct keyrenew {
	int	 restore;	/* the .restore file */
	int	 push;		/* the .push and the .public file */
	char	 signer[2 * KEY_ID_LEN + 1];	/* id of the new signer */
	/* The ids of all signers that are retired now. */
	char	 retired[KEY_MAX][2 * KEY_ID_LEN + 1];
	size_t	 nretired;
	size_t	 nsigners;	/* of the new files, of KEY_MAX */
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
 * With conf->recipient there is a new recipient as well.  It takes the place of
 * those whose secrets "old".restore holds, which must exist; other recipients
 * stay, and "next".restore holds the old secrets behind the new one.
 *
 * With conf->retire one of the old signers is retired (crypt/retired.h): the
 * one that retired_find() finds, or all that are there, by "all".  With
 * conf->drop a signer that is retired is left out: nothing counts that it
 * signed, its marker included, so no object of it may be left.
 *
 * "old".public and "old".restore must say the same of signers.  A call that
 * only adds "next".restore takes that from "next".public, and fails if that
 * believes more than "old".restore, or differs from conf.
 *
 * "pass" opens "old".restore if that is sealed, and seals "next".restore.
 * Returns 0; 1 if "old".restore is sealed and "pass" is NULL; or -1.
 * ERR_CONFLICT as keyfiles_write(); ERR_CONFIG if an old file is missing,
 * cannot be used or has no room for another key, if files do not belong
 * together, or if there is no signer to retire.  Only after 0 is there any new
 * file.
 */
int	 keyrenew_files(struct keyrenew *, const char *old, const char *next,
	    const struct keyrenew_conf *, const struct secret *pass,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));

/*
 * Add a signer of receipts to the files of a repository: "next".public and
 * "next".restore, which name it beside all that "old".public and "old".restore
 * say, and "next".drill with its secret.  The push key stays as it is.  Both
 * old files must be here.  Returns, and fails, as keyrenew_files().
 */
int	 keyrenew_drill(const char *old, const char *next,
	    const struct secret *pass, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* CRYPT_KEYRENEW_H */
