/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKKEYS_H
#define CHECK_CHECKKEYS_H

#include "check/checkreport.h"

/* The key files of the configuration; NULL: not set. */
struct checkkeys_files {
	const char	*push;		/* "key" */
	const char	*restore;	/* "restore_key" */
	const char	*public;	/* "public_key" */
};

/*
 * The check "keys", as backup-check(1) has it.  A restore key that is not on
 * this host, that this user may not read, or that is under a passphrase is no
 * finding: it is to be kept elsewhere.
 */
void	 checkkeys_run(const struct checkkeys_files *, struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKKEYS_H */
