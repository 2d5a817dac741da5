/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_EMPTYDIR_H
#define DATADIR_EMPTYDIR_H

#include "base/err.h"

/*
 * A directory that a restore fills.  A file in it, the mark, says that what
 * lies there is ours and incomplete.  The mark's text names the data
 * directory that the restore goes to, so that a tablespace's directory can
 * be told from that of another restore.  Whoever holds a lock on the mark
 * works there.
 *
 *	emptydir_begin(dir, &lock, e)		mark and lock
 *	... fill it, pg_control last, all of it durable ...
 *	emptydir_end(dir, e)			remove the mark
 *	close(lock)
 *
 * Failures are ERR_CONFIG if a person has to decide, else ERR_LOCAL.
 */
#define EMPTYDIR_MARK	"restore-incomplete.seawall"

/*
 * The name that a delta restore gives to pg_control until it is done.  While
 * it is there, the directory may still hold all that its cluster was, WAL
 * included.
 */
#define EMPTYDIR_ASIDE	"global/pg_control.taken"

/*
 * Returns 0 if "dir" does not exist or is empty.  Returns 1 if it bears the
 * mark and has no global/pg_control, so that its content may be removed.
 * Returns -1 with ERR_CONFIG for all else that it may hold.
 */
int	 emptydir_check(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for "place", the directory of a tablespace of "dir".  Returns 0 if
 * it holds nothing, or a mark alone that is cut short, as a host that crashed
 * may leave it.  Returns 1 if its mark is of a restore into this very "dir",
 * 2 if there is content and no such mark, and -1 with ERR_CONFIG if its mark
 * is of a restore into another directory.
 */
int	 emptydir_place_check(const char *place, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Describe as ERR_CONFIG that "dir" is not empty.  Always returns -1. */
int	 emptydir_not_empty(const char *dir, struct err *)
	    __attribute__((nonnull));

/*
 * Find out whether "dir" has a "name", of whatever type; no link is followed.
 * Returns 0 if that is certain, and -1 if it cannot be looked at.
 */
int	 emptydir_look(const char *dir, const char *name, int *has,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make "dir" if needed, mark it, lock the mark, and remove what an
 * interrupted restore left there.  The lock holds until the caller closes
 * *lock, which is set on success only.  ERR_CONFIG if another restore holds
 * it: clearing the directory would take the files away under that one.
 */
int	 emptydir_begin(const char *dir, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for "place", the directory of a tablespace of "dir".  Only what
 * PostgreSQL "major" has there is removed (PG_15_...): a delta restore marks
 * places that hold files of others, too.
 */
int	 emptydir_place_begin(const char *place, const char *dir,
	    unsigned major, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Only mark "place" for a restore into "dir" and lock the mark, whatever it
 * holds.  *made says whether the mark is new.
 */
int	 emptydir_hold(const char *place, const char *dir, int *lock,
	    int *made, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove a mark that emptydir_hold() has made, as far as that is possible. */
void	 emptydir_undo(const char *place);

/*
 * Mark "place" for a restore into "dir", without a lock, unless it bears a
 * mark: emptydir_end() removed it, and the restore failed after all.
 */
int	 emptydir_mark_again(const char *place, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the mark, durably: the restore is complete. */
int	 emptydir_end(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_EMPTYDIR_H */
