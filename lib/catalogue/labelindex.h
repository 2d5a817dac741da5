/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_LABELINDEX_H
#define CATALOGUE_LABELINDEX_H

#include <stddef.h>

#include "backup/label.h"
#include "catalogue/pin.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * For the catalogue: what lies below base/.  Each backup has a directory
 * there, with its label and perhaps a pin beside that.
 */
struct labelindex {
	/*
	 * All directories in ascending order, when each last changed (in
	 * seconds by the repository's clock), its pin, and its label out of
	 * label[] below or NULL; owned.
	 */
	char		(*id)[LAYOUT_ID];
	int64_t		*changed;
	struct pin	*pin;
	const struct label **of;
	size_t		 nid;
	/* The labels that are authentic, by start time and then id; owned. */
	struct label	**label;
	size_t		 nlabel;
	/* The directories without a label, in ascending order; owned. */
	char		(*bare)[LAYOUT_ID];
	size_t		 nbare;
};

struct labelindex_events {
	/*
	 * Called with the id of each backup whose label is refused, and why.
	 * Returns 0, or -1 to stop with its own error.
	 */
	int	(*refused)(void *arg, const char *id, const struct err *why,
		    struct err *);
	/*
	 * The same, for one that is refused since it is unlisted, see
	 * label_parse_unlisted(); takes the label over, also on failure.
	 */
	int	(*unlisted)(void *arg, const char *id, struct label *,
		    const struct err *why, struct err *);
	/* Called with each name that cannot be a backup's directory. */
	void	(*unknown)(void *arg, const char *name);
	void	*arg;
};

/*
 * List base/ and read all labels and pins into "x", which is zeroed before.
 * Call labelindex_fini() in any case.  A label that is not authentic, or that
 * cannot be read although the marker can, is no failure, see above.  A label
 * that an expiry withdraws meanwhile is counted as missing.
 */
int	 labelindex_load(struct labelindex *x, struct archive *,
	    const struct labelindex_events *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 labelindex_fini(struct labelindex *);

/* What lies in the place of a pin of the backup "id", one of x->id. */
const struct pin *labelindex_pin(const struct labelindex *x, const char *id)
	    __attribute__((nonnull));

/* When the directory of the backup "id", one of x->id, last changed. */
int64_t	 labelindex_changed(const struct labelindex *x, const char *id)
	    __attribute__((nonnull));

/* The authentic label of any backup "id"; NULL if there is none. */
const struct label *labelindex_find(const struct labelindex *x, const char *id)
	    __attribute__((nonnull));

/* Whether "id" is a directory. */
int	 labelindex_has(const struct labelindex *, const char *id)
	    __attribute__((nonnull));

/* Whether "id" is a directory without a label. */
int	 labelindex_is_bare(const struct labelindex *x, const char *id)
	    __attribute__((nonnull));

#endif /* CATALOGUE_LABELINDEX_H */
