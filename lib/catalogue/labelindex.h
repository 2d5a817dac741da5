/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_LABELINDEX_H
#define CATALOGUE_LABELINDEX_H

#include <stddef.h>

#include "backup/label.h"
#include "catalogue/pin.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * For the catalogue: what lies below base/, a directory for each backup: the
 * labels, and the pins beside them.
 */
struct labelindex {
	char		(*id)[LAYOUT_ID]; /* owned: directories, ascending */
	struct pin	*pin;		/* owned; of each of them */
	size_t		 nid;
	struct label	**label;	/* owned; by start time, then id */
	size_t		 nlabel;
	char		(*bare)[LAYOUT_ID]; /* owned: those without a label */
	size_t		 nbare;
};

struct labelindex_events {
	/*
	 * Called with each label that is refused, and why.  Returns 0, or -1
	 * to stop with its own error.
	 */
	int	(*refused)(void *arg, const char *id, const struct err *why,
		    struct err *);
	/* Called with each name that is not a backup's directory. */
	void	(*unknown)(void *arg, const char *name);
	void	*arg;
};

/* "x" is zero; labelindex_fini() in any case. */
int	 labelindex_load(struct labelindex *x, struct archive *,
	    const struct labelindex_events *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 labelindex_fini(struct labelindex *);

/* What lies in the place of the pin of "id", which is one of x->id. */
const struct pin *labelindex_pin(const struct labelindex *x, const char *id)
	    __attribute__((nonnull));

#endif /* CATALOGUE_LABELINDEX_H */
