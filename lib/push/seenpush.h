/* SPDX-License-Identifier: ISC */
#ifndef PUSH_SEENPUSH_H
#define PUSH_SEENPUSH_H

#include "backup/label.h"
#include "repo/connection.h"

/*
 * For a base backup: what this host remembers of the repository
 * (catalogue/rollbackpush.h).  Nothing here fails the backup.
 */

/*
 * Ask whether what is remembered still stands, and call "note" with a line for
 * each finding, at each backup.  A backup is of use in a repository that was
 * set back, too: perhaps of more.
 */
void	 seenpush_before(struct connection *, const char *state_dir,
	    void (*note)(void *arg, const char *text), void *arg)
	    __attribute__((nonnull(1, 2, 3)));

/* Remember the backup, whose label was published. */
void	 seenpush_after(struct connection *, const char *state_dir,
	    const struct label *) __attribute__((nonnull));

#endif /* PUSH_SEENPUSH_H */
