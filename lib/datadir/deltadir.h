/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_DELTADIR_H
#define DATADIR_DELTADIR_H

#include <stdint.h>

#include "base/err.h"
#include "pg/control.h"

/*
 * A directory that a delta restore goes over, what is in it included: all
 * that does not belong to the backup will be removed.  So it must be known
 * for what it is.
 */
enum deltadir_state {
	DELTADIR_EMPTY = 0,	/* or not there */
	DELTADIR_OURS,		/* an interrupted restore: mark, no pg_control */
	DELTADIR_CLUSTER		/* a data directory of that very cluster */
};

/*
 * Look at the data directory "dir".  ERR_CONFIG, in words for who must
 * decide, for one that is neither empty nor an interrupted restore nor a
 * data directory of cluster "system_id" and PostgreSQL's major version, for
 * one that lies in another data directory, and for one where a server runs
 * or may run.  A pg_control that is whole proves which cluster it is, also
 * the one that an interrupted run has put aside; without one it is refused.
 * Changes nothing.
 */
int	 deltadir_check(const char *dir, uint64_t system_id, unsigned major,
	    enum deltadir_state *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Its pg_control, or the one that an interrupted run has put aside: 0, 1 if
 * there is neither, or -1, also if it is damaged.
 */
int	 deltadir_control(const char *dir, struct control *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make "dir" if needed, mark it and lock the mark as emptydir_hold() does.
 */
int	 deltadir_begin(const char *dir, uint64_t system_id, unsigned major,
	    int *lock, int *made, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Put pg_control aside if it is there (*taken), durably: from then on
 * PostgreSQL does not start.  A server that was started while we looked is
 * found after that, and gets its pg_control back.  As long as nothing was
 * changed, deltadir_give_back() makes the directory what it was; when all is
 * done, deltadir_forget() removes what was put aside.
 */
int	 deltadir_take(const char *dir, int *taken, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 deltadir_give_back(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 deltadir_forget(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check and begin with the place of a tablespace of "dir".  It may have content only
 * if a restore into "dir" that was interrupted has marked it, or if the link
 * of "dir" leads there and the user has named it, too: the link of a copied
 * data directory leads to what is the original's.  And never what a server
 * that runs has for a tablespace.
 */
struct deltadir_place {
	uint32_t	 oid;
	const char	*name, *place;
	int		 named;		/* by the user */
};

int	 deltadir_place_check(const char *dir, enum deltadir_state of_dir,
	    const struct deltadir_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 deltadir_place_begin(const char *dir, unsigned major,
	    const struct deltadir_place *, int *lock, int *made,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_DELTADIR_H */
