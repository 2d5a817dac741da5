/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_EMPTYDIR_H
#define DATADIR_EMPTYDIR_H

#include "base/err.h"

/*
 * A directory to restore into, and the mark that says that what is in it is
 * ours and incomplete.
 */
#define EMPTYDIR_MARK	"restore-incomplete.seawall"

/*
 * Where a delta restore puts pg_control aside, until it is done: with it
 * there, the directory holds what its cluster was, WAL and all.
 */
#define EMPTYDIR_ASIDE	"global/pg_control.taken"

/*
 * Returns 0 if "dir" does not exist or is empty; 1 if it bears the mark and
 * holds no global/pg_control, so that what is in it may be removed; -1 with
 * ERR_CONFIG, in words for who must decide, or ERR_LOCAL.
 */
int	 emptydir_check(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

int	 emptydir_not_empty(const char *dir, struct err *)
	    __attribute__((nonnull));		/* the words for it: -1 */

/*
 * The same for the place of a tablespace of "dir", which it says in its
 * mark: 1 only if that is this very "dir"; 2 if there is something, and
 * nobody's mark; -1 (ERR_CONFIG) for what a restore into another directory
 * has left.  A mark that was cut short, as when a host died, says nothing
 * and does not count.
 */
int	 emptydir_place_check(const char *place, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Make the directory if needed, mark it, and remove what an interrupted
 * restore left in it.  The mark is locked as long as the descriptor *lock is
 * open, which the caller closes: who runs the same restore a second time, or
 * another one with the same place, while the first is at work, is refused
 * (ERR_CONFIG) instead of clearing its files away under it.  *lock is set
 * only on success.
 */
int	 emptydir_begin(const char *dir, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same with the place of a tablespace of "dir".  There only what
 * PostgreSQL's major version has there goes (PG_15_...), since a delta
 * restore leaves its mark beside what is not ours.
 */
int	 emptydir_place_begin(const char *place, const char *dir,
	    unsigned major, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Its part, for who restores over what is there: put the mark there, which
 * says that it is for "dir", and lock it.  *made: there was none.
 */
int	 emptydir_hold(const char *place, const char *dir, int *lock,
	    int *made, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take the mark that one has made away again, as far as that can be done. */
void	 emptydir_undo(const char *place);

/* Take the mark away, durably. */
int	 emptydir_end(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_EMPTYDIR_H */
