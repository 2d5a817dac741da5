/* SPDX-License-Identifier: ISC */
#ifndef DATADIR_DELTADIR_H
#define DATADIR_DELTADIR_H

#include <stdint.h>

#include "base/err.h"
#include "pg/control.h"

/*
 * A directory that a delta restore goes over.  All that it holds and that
 * does not belong to the backup will be removed, so it must be known for
 * what it is.  Failures are ERR_CONFIG if a person has to decide, else
 * ERR_LOCAL; the restore has changed nothing then.
 */
enum deltadir_state {
	DELTADIR_EMPTY = 0,	/* or missing */
	DELTADIR_OURS,		/* left by an interrupted restore: it has a
				   mark and no pg_control */
	DELTADIR_CLUSTER	/* a data directory of the right cluster */
};

/*
 * Look at the data directory "dir", and change nothing.  It is accepted if
 * it is one of the three above, for cluster "system_id" and PostgreSQL's
 * version "major".  Only a whole pg_control proves the cluster: its own, or
 * the one that an interrupted restore has put aside.
 *
 * ERR_CONFIG for any other content, for a directory inside another data
 * directory, for one that another user owns, and for one where a server runs
 * or may run.
 */
int	 deltadir_check(const char *dir, uint64_t system_id, unsigned major,
	    enum deltadir_state *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * ERR_CONFIG if "dir", which may be missing, lies in a data directory or in
 * the directory of a tablespace.  The checks for a running server ask for the
 * whole, and would find nothing here; and backups of that cluster would have
 * all that is restored here in them.
 */
int	 deltadir_outside(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the pg_control of "dir", or the one that an interrupted restore has
 * put aside.  Returns 0, 1 if there is neither, or -1, also for one that is
 * damaged.
 */
int	 deltadir_control(const char *dir, struct control *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make "dir" if needed, check it as above, mark it and lock the mark, as
 * emptydir_hold() does with *lock and *made.
 */
int	 deltadir_begin(const char *dir, uint64_t system_id, unsigned major,
	    int *lock, int *made, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Put pg_control aside, durably; *taken says whether there was one.  From
 * then on PostgreSQL does not start there.  A server that was started just
 * before is noticed: it gets its pg_control back, and this fails.
 */
int	 deltadir_take(const char *dir, int *taken, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Put it back: right only as long as nothing else was changed. */
int	 deltadir_give_back(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove it, once all files but the new pg_control are restored. */
int	 deltadir_forget(const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The directory "place" of a tablespace of a data directory. */
struct deltadir_place {
	uint32_t	 oid;
	const char	*name, *place;	/* borrowed */
	int		 named;		/* by the user, in a mapping */
};

/*
 * Check it, for the data directory "dir" that is "of_dir".  It may have
 * content only if an interrupted restore into "dir" has marked it; or if the
 * link of "dir" leads there and the user has named it, too, because the link
 * of a copied data directory leads to the tablespace of the original.
 * ERR_CONFIG for all else, and where a running server has a tablespace.
 */
int	 deltadir_place_check(const char *dir, enum deltadir_state of_dir,
	    const struct deltadir_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make it if needed, mark it and lock the mark, as emptydir_hold() does.  If
 * the link of "dir" does not lead there, what an interrupted restore left in
 * it is removed.
 */
int	 deltadir_place_begin(const char *dir, unsigned major,
	    const struct deltadir_place *, int *lock, int *made,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* DATADIR_DELTADIR_H */
