/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYLABELS_H
#define COPY_COPYLABELS_H

#include "copy/copy_conf.h"
#include "copy/copyclaims.h"
#include "copy/copyplan.h"

/*
 * The last step of a copy: each backup all of whose objects are in TO gets its
 * label there.
 */
struct copylabels {
	const struct copy_conf *conf;	/* all borrowed */
	struct copy_sum	*sum;
	const struct copyplan *plan;	/* after the objects were copied */
	const struct copyside *from;
	const struct copyside *before;	/* TO, before that; it has the labels
					 * that were there */
	const struct copyside *to;	/* TO, loaded after the claims and
					 * after the objects were copied */
	const struct copyclaims *claims;
};

/*
 * Whether the backup "l" is to be copied: TO has no label of it, and no
 * withdrawn one.
 */
int	 copylabels_lacks(const struct copyside *to, const struct label *l)
	    __attribute__((nonnull));

/*
 * Publish the labels, by the times of their starts, and after them the pins.
 * What keeps a backup from being complete is a finding, or counted in
 * sum->late where another run may complete it.  Fails if a repository does.
 */
int	 copylabels_run(struct copylabels *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* COPY_COPYLABELS_H */
