/* SPDX-License-Identifier: ISC */
#ifndef WAL_ANCESTRY_H
#define WAL_ANCESTRY_H

#include <stddef.h>
#include <stdint.h>

#include "pg/history.h"
#include "repo/archive.h"
#include "wal/walindex.h"

/*
 * How the timelines of an archive descend from each other: read from their
 * history files, or guessed from the names of their segments.  History files
 * are sealed, so reading them needs a .restore key; a guess is good enough to
 * show, not to delete by.
 *
 *	struct ancestry f = { 0 };
 *
 *	if (ancestry_read(&f, a, tl, ntl, refused, arg, e) == 0)
 *		... f.v, f.n ...
 *	ancestry_fini(&f);
 */
struct ancestry {
	struct history	*v;		/* owned; in order of their timelines */
	size_t		 n;
	int		 read;		/* 1: read, 0: guessed */
};

/*
 * Called with the name of each history file that is not authentic, cannot be
 * parsed, or cannot be read although the marker can, and why.  Such a file is
 * left out.  Returns 0, or -1 to stop with its own error.
 */
typedef int	 ancestry_refused(void *arg, const char *name,
		    const struct err *why, struct err *);

/*
 * Read the history files of those of the "n" timelines "tl" that have one.
 * ERR_CONFIG if the archive's key cannot read one, ERR_REMOTE if one has gone.
 */
int	 ancestry_read(struct ancestry *, struct archive *,
	    const struct walindex_timeline *tl, size_t n, ancestry_refused *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));

/*
 * Guess the histories of the "n" timelines "tl", which must be ascending.  A
 * timeline is taken to follow the next lower one whose segments begin at or
 * before its own, and to leave it at the first byte of its own first segment.
 * A timeline without segments is taken to follow the next lower one that has
 * some, behind the last of them.  This is right wherever timelines were
 * switched one after the other, at most ANCESTRY_GUESS_MAX times: older ones
 * are left out of a guess.  "segsize" is in bytes.
 */
#define ANCESTRY_GUESS_MAX	256

int	 ancestry_guess(struct ancestry *, const struct walindex_timeline *tl,
	    size_t n, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));
void	 ancestry_fini(struct ancestry *);

#endif /* WAL_ANCESTRY_H */
