/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_GAPSET_H
#define CATALOGUE_GAPSET_H

#include "plan/coverage.h"

/*
 * The gaps that backups meet, each once.  Several backups meet the same gap:
 * its end tells gaps of one timeline apart, its beginning may differ, as a
 * backup may start inside it.  The first that was added stands.
 *
 *	struct gapset s = { .n = 0 };
 */
struct gapset_gap {
	struct coverage_run run;
	size_t		 seq;		/* in this order they were added */
};

struct gapset {
	struct gapset_gap *v;		/* owned */
	size_t		 n, room;
	size_t		 settled;	/* so many of them are sorted */
	size_t		 seq;
};

/* Add "n" gaps. */
int	 gapset_add(struct gapset *, const struct coverage_run *, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 4)));

/*
 * All gaps in the order in which they were added; the caller frees *out, which
 * is NULL if there are none.
 */
int	 gapset_list(struct gapset *, struct coverage_run **out, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 gapset_fini(struct gapset *) __attribute__((nonnull));

#endif /* CATALOGUE_GAPSET_H */
