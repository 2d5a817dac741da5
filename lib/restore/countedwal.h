/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_COUNTEDWAL_H
#define RESTORE_COUNTEDWAL_H

#include <stdint.h>

#include "plan/coverage.h"
#include "repo/archive.h"

/*
 * Which of the WAL that a plan leads along counts.  After a theft the names of
 * WAL files say little: a segment of a retired signer that no inventory lists
 * is refused by wal-fetch, and recovery ends there.
 */
struct countedwal {
	uint32_t	 tli;		/* the first segment that does not */
	uint64_t	 segno;
	struct err	 why;
};

/*
 * If the archive's key has a retired signer, read the headers of all segments
 * that "cov" found along the line "h" from segment "first" on, up to its first
 * gap (wal/walheads.h).  Cut "cov" off before the first that does not count:
 * "any", "tli", "last" and "end" are then as if that one were missing.  The
 * gaps in "cov" stay.
 *
 * Returns 0 if nothing was cut; 1 if so, with what was refused in *out; or -1:
 * ERR_LOCAL, or ERR_REMOTE.
 */
int	 countedwal_cut(struct countedwal *out, struct coverage *cov,
	    struct archive *, const struct history *h, uint64_t first,
	    uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_COUNTEDWAL_H */
