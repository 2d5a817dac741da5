/* SPDX-License-Identifier: ISC */
#ifndef TOOL_PADDING_H
#define TOOL_PADDING_H

#include "base/err.h"
#include "repo/archive.h"
#include "tool/role.h"
#include "tool/serverconf.h"

/*
 * A segment that was filled up with zeros (lib/FORMAT.md, 14), as wal-fetch
 * makes it and wal-push does not archive it.  Both print one line, as
 * "program", when that was done.
 */

/*
 * Put what was streamed of the segment "name" at "path", for the cluster in
 * "dir".  As openfetch_file().
 */
int	 padding_fetch(const char *program, struct archive *,
	    const char *name, const char *path, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the WAL file "path" of the cluster in "dir" is such a segment.
 * Returns 1 if not: it is to be archived.  If it is, nothing of it is stored,
 * and the result is that of padded_stored(), asked over a connection of its
 * own; or -1 with any failure on the way there.
 */
int	 padding_push(const char *program, const struct server_conf *,
	    const struct role_cluster *, const char *dir, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_PADDING_H */
