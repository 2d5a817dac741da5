/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENWHOLE_H
#define WAL_OPENWHOLE_H

#include "repo/archive.h"
#include "stream/sink.h"

/*
 * Take a segment that is missing under its name from an open object that holds
 * all of it (lib/FORMAT.md, 14) into *dst, which is finished on success.  The
 * key is a .restore key.  Returns 0; 1 if there is no such object, and nothing
 * was written; or -1.  An object that is refused counts as none.
 */
int	 openwhole_take(struct archive *, const char *name,
	    struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_OPENWHOLE_H */
