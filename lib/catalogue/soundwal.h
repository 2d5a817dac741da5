/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_SOUNDWAL_H
#define CATALOGUE_SOUNDWAL_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "plan/coverage.h"
#include "repo/archive.h"

/*
 * Which segments are authentic at their places, by their headers.  A listing
 * alone proves little: whoever can write to the repository can give any older
 * file the name of a segment, by a hard link, and it keeps its old time.
 *
 *	struct soundwal	 w = { 0 };
 *
 *	soundwal_want(&w, &run, e) ...
 *	soundwal_read(&w, archive, segsize, e)
 *	soundwal_all(&w, tli, first, last, &bad) ...
 *	soundwal_fini(&w);
 */
struct soundwal {
	struct coverage_set want;
	struct coverage_set sound;	/* read, and authentic */
};

/*
 * Add the segments of a run, of which each must be listed.  A segment may be
 * added again and is read once.  ERR_LOCAL if memory is short.
 */
int	 soundwal_want(struct soundwal *, const struct coverage_run *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read the headers of all that was added, many in one flight.  One that is not
 * authentic, is not whole, has gone, or that the repository denies is no
 * failure: it is not sound.  ERR_LOCAL, or ERR_REMOTE if a read failed, which
 * proves nothing.  "segsize" is in bytes.
 */
int	 soundwal_read(struct soundwal *, struct archive *, uint32_t segsize,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether all segments from "first" to "last", which is not lower, were read
 * and are sound.  If not, *bad is the lowest that is not.
 */
int	 soundwal_all(const struct soundwal *, uint32_t tli, uint64_t first,
	    uint64_t last, uint64_t *bad) __attribute__((nonnull));
void	 soundwal_fini(struct soundwal *) __attribute__((nonnull));

#endif /* CATALOGUE_SOUNDWAL_H */
