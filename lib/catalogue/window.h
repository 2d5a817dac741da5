/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_WINDOW_H
#define CATALOGUE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "plan/coverage.h"

/*
 * To which points a repository can take a cluster back.
 *
 * Each backup is followed along the line of the latest timeline, or of its
 * own where it does not lead there, as far as archived WAL goes without a
 * gap.  The recovery window is that of the newest backup on the latest line,
 * widened by the older ones from which WAL leads to the same end.
 *
 * A gap right behind the stop of a pinned backup that ends where another one
 * starts is none: expiry lets that WAL go (lib/FORMAT.md, 10).
 */
struct window_backup {
	int		 latest;	/* it is on the latest line */
	int		 whole;		/* its own WAL, start to stop, is there */
	struct coverage	 wal;		/* from its first segment on; owned */
	int		 lacks;		/* "missing" is: the end of its own */
	struct coverage_run missing;	/* WAL, with nothing behind that */
};

struct window {
	struct window_backup *backup;	/* owned; as the catalogue's labels */
	size_t		 n;
	uint32_t	 latest;	/* timeline; 0: there is nothing */
	int		 any;		/* there is a window */
	size_t		 first, newest;	/* backups; if "any" */
	struct coverage_run *gap;	/* owned; on the line, and in backups */
	size_t		 ngap;
};

int	 window_make(struct window *, const struct catalogue *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 window_free(struct window *);

/* What "any", "first" and "newest" become without the backups marked. */
void	 window_without(struct window *, const int *gone);

#endif /* CATALOGUE_WINDOW_H */
