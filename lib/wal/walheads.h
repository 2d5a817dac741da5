/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALHEADS_H
#define WAL_WALHEADS_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"

/*
 * Whether segments that were listed count.  A listing shows names and sizes,
 * and whoever holds a .push key can put any file under a name that is free.
 */
struct walheads {
	char		 name[WALNAME_TEXT];	/* the first that does not */
	struct err	 why;		/* ERR_ABSENT: it is missing;
					 * ERR_CORRUPT: it is refused, or
					 * the repository denies the file */
};

/*
 * Read the headers of the archive's segments from "first" to "last", both
 * included and of one timeline, many in flight.  Each must be authentic for
 * the archive's key, whole, and hold "segsize" bytes of WAL; nothing of their
 * content is read.  It takes two round trips for 64 segments.
 *
 * Returns 0 if all of them count; 1 if not, with the first that does not in
 * *out; or -1: ERR_LOCAL, or ERR_REMOTE if a read failed.
 */
int	 walheads_check(struct walheads *out, struct archive *,
	    const struct walname *first, const struct walname *last,
	    uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALHEADS_H */
