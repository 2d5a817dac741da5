/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_REALDIRS_H
#define EXPIRE_REALDIRS_H

#include "repo/archive.h"

/*
 * Check that tmp, wal, base, vouched and the folders of timelines are
 * directories, as far as they exist (lib/FORMAT.md, 2).  A symbolic link there
 * would lead expiry out of the repository, and an SFTP server would follow it.
 * A file there keeps others from writing what belongs into that directory.
 * ERR_CORRUPT names what is no directory.
 */
int	 realdirs_check(struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for tmp/clock, before it is used.  Call realdirs_check() first.
 * tmp/ may hold very many names, so callers that don't use the clock don't ask.
 */
int	 realdirs_clock(struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_REALDIRS_H */
