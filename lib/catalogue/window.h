/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_WINDOW_H
#define CATALOGUE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "plan/coverage.h"
#include "plan/windows.h"

/*
 * The recovery window: the points to which a repository can take a cluster
 * back.
 *
 * From each backup the archived WAL is followed as far as it goes without a
 * gap: along the line of the latest timeline, or along the line of the
 * backup's own timeline if the backup does not lead onto the latest.  The
 * window reaches from the newest whole backup on the latest line to the end
 * of that WAL.  Older backups widen it if WAL leads from them to the same end.
 *
 * That is the window of the latest line.  "lines" has those of all lines, also
 * those before a gap.  On a line that is not the latest a gap counts if a
 * later backup on that line can be restored behind it.
 *
 * One kind of gap is not counted, since expiry makes it on purpose: the one
 * behind a pinned backup (plan/expirygap.h).
 */
struct window_backup {
	int		 latest;	/* it leads onto the latest timeline */
	int		 whole;		/* all its WAL, start to stop, exists */
	const char	*incomplete;	/* what else is missing; NULL: nothing,
					 * or that was not asked */
	struct coverage	 wal;		/* from its first segment on; owned */
	/*
	 * If "lacks", the end of its own WAL is missing and no later segment
	 * exists, so that this run is not among the gaps of "wal".
	 */
	int		 lacks;
	struct coverage_run missing;
};

struct window {
	struct window_backup *backup;	/* owned; as the catalogue's labels */
	size_t		 n;
	uint32_t	 latest;	/* timeline; 0 if nothing is stored */
	int		 any;		/* whether there is a window */
	size_t		 first, newest;	/* indexes of backups, if "any" */
	/* The gaps and missing runs of all backups, each once; owned. */
	struct coverage_run *gap;
	size_t		 ngap;
	struct windows	 lines;		/* its backups are indexes of labels */
};

/* ERR_LOCAL if memory runs out.  Release with window_free() on success. */
int	 window_make(struct window *, const struct catalogue *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, where a backup that lacks its manifest or a pack begins no window.
 * "evidence" is of the same catalogue and must outlive the window.
 */
int	 window_make_evident(struct window *, const struct catalogue *,
	    const struct evidence *evidence, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 window_free(struct window *);

/* How many backups are incomplete, gaps in WAL aside. */
size_t	 window_incomplete(const struct window *) __attribute__((nonnull));

/*
 * Set "any", "first" and "newest" as if the backups did not exist whose
 * "gone" (one for each label of the catalogue) is not 0.  NULL: all exist.
 */
void	 window_without(struct window *, const int *gone);

#endif /* CATALOGUE_WINDOW_H */
