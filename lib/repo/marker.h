/* SPDX-License-Identifier: ISC */
#ifndef REPO_MARKER_H
#define REPO_MARKER_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * The marker stands before anything else does (lib/FORMAT.md, 6).  Only
 * where it can be read and is authentic is the absence of another object
 * believed: an unmounted disk on the SSH host looks like an empty archive.
 */
struct marker {
	uint8_t		 repository_id[16];
	uint64_t	 wal_segment_size;
};

/* Ask for the marker; does not wait. */
int	 marker_open(struct store_get **, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the marker.  "get" is from marker_open().  Returns 0, 1 if there is
 * none, or -1.
 */
int	 marker_read(struct marker *, struct archive *, struct store_get *get,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The same for who needs it: its absence is ERR_REMOTE and asks whether the
   repository's disk is mounted. */
int	 marker_require(struct marker *, struct archive *,
	    struct store_get *get, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Both, one after the other: it is there now. */
int	 marker_look(struct marker *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For who writes: read the marker, or publish the first one.  "state_dir" is
 * this host's memory of repositories that were begun: where it remembers one
 * and the repository has none, or another, that is ERR_REMOTE ("is its disk
 * mounted?").  A new marker is published only after the memory was written:
 * a state folder that cannot be written is ERR_LOCAL then, and no failure
 * otherwise.  A marker with another segment size is ERR_CONFLICT; a size of 0
 * is not known: nothing is compared then, and nothing begun (ERR_PG).
 */
int	 marker_ensure(struct marker *, struct archive *,
	    struct store_get *get, const char *state_dir,
	    uint64_t wal_segment_size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_MARKER_H */
