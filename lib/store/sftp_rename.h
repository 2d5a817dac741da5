/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_RENAME_H
#define STORE_SFTP_RENAME_H

#include "store/sftp_server.h"

/*
 * Prove that the server's RENAME replaces nothing.  Version 3 of SFTP says so,
 * OpenSSH's server obeys, and others call rename(2), which replaces.  Where
 * hard links are missing, names are given by RENAME, so this must be known
 * before anything gets its name.
 *
 * Asks the server once for each connection: two empty files in BASE/tmp, and a
 * RENAME of one to the other, which must be refused.  They are removed again,
 * if the server permits it; expiry sweeps what is left.  ERR_CONFIG if RENAME
 * replaces, or is denied: nothing can be stored there then.
 */
int	 sftp_rename_proved(struct sftp *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SFTP_RENAME_H */
