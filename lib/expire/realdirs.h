/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REALDIRS_H
#define EXPIRE_REALDIRS_H

#include "repo/archive.h"

/*
 * Check that tmp, tmp/clock, wal and base are directories, as far as they
 * exist (lib/FORMAT.md, 2).  A symbolic link there would lead expiry out of the
 * repository, and an SFTP server would follow it.  ERR_CORRUPT names what is
 * no directory.
 */
int	 realdirs_check(struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REALDIRS_H */
