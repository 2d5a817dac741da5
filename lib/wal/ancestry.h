/* SPDX-License-Identifier: ISC */
#ifndef WAL_ANCESTRY_H
#define WAL_ANCESTRY_H

#include <stddef.h>
#include <stdint.h>

#include "pg/history.h"
#include "repo/archive.h"
#include "wal/walindex.h"

/* For the catalogue: how its timelines descend from each other. */
struct ancestry {
	struct history	*v;		/* owned */
	size_t		 n;
	int		 read;		/* not a guess */
};

/* Told of a history file that is refused. */
typedef int	 ancestry_refused(void *arg, const char *name,
		    const struct err *why, struct err *);

/* Read the history files of all timelines that have one. */
int	 ancestry_read(struct ancestry *, struct archive *,
	    const struct walindex_timeline *, size_t n, ancestry_refused *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 7)));

/* See catalogue_lines(). */
int	 ancestry_guess(struct ancestry *, const struct walindex_timeline *,
	    size_t n, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));
void	 ancestry_fini(struct ancestry *);

#endif /* WAL_ANCESTRY_H */
