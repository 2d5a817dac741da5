/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_SEENFILE_H
#define CATALOGUE_SEENFILE_H

#include <limits.h>
#include <stdint.h>

#include "plan/rollback.h"
#include "repo/archive.h"
#include "repo/marker.h"

/*
 * What this host has seen of a repository: a file in the state folder
 * (lib/FORMAT.md, 12).  It is no part of the repository, and may be lost at
 * any time: then it begins anew, with what stands.
 */

/*
 * Its path: one file for each repository, which is told from others by the id
 * in its marker and by its address, since a copy at another address may lag
 * behind.  ERR_LOCAL if the path is too long.
 */
int	 seenfile_path(char path[PATH_MAX], const char *state_dir,
	    const struct archive *, const uint8_t id[MARKER_ID],
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Load it.  Returns 0; 1 if there is none, or this user may not read it; or
 * -1, ERR_LOCAL, if it is not a file that seenfile_save() wrote as this user:
 * a link, another user's, too large, damaged, of another version.  Unless it
 * returns 0, *m is empty.
 */
int	 seenfile_load(struct rollback_memory *m, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Replace it, durably and in one step; the folders above it are made, but not
 * the state folder itself.
 */
int	 seenfile_save(const char *path, const struct rollback_memory *m,
	    const struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_SEENFILE_H */
