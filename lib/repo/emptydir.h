/* SPDX-License-Identifier: ISC */
#ifndef REPO_EMPTYDIR_H
#define REPO_EMPTYDIR_H

#include "base/err.h"

/*
 * A directory to restore into, and the mark that says that what is in it is
 * ours and incomplete.
 */
#define EMPTYDIR_MARK	"restore-incomplete.seawall"

/*
 * Returns 0 if "dir" does not exist or is empty; 1 if it bears the mark and
 * holds no global/pg_control, so that what is in it may be removed; -1 with
 * ERR_CONFIG, in words for who must decide, or ERR_LOCAL.
 */
int	 emptydir_check(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make the directory if needed, mark it, and remove what an interrupted
 * restore left in it.  With "lock" not NULL the mark is locked as long as
 * the descriptor *lock is open, which the caller closes: who runs the same
 * restore a second time, while the first is at work, is refused
 * (ERR_CONFIG) instead of clearing its files away under it.  *lock is set
 * only on success.
 */
int	 emptydir_begin(const char *dir, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * Its parts, for who restores over what is there: put the mark there unless
 * it is, and lock it; what the lock does is said above.
 */
int	 emptydir_mark(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 emptydir_lock(const char *dir, int *lock, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take the mark away, durably. */
int	 emptydir_end(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_EMPTYDIR_H */
