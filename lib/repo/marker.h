/* SPDX-License-Identifier: ISC */
#ifndef REPO_MARKER_H
#define REPO_MARKER_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * The marker of a repository (lib/FORMAT.md, 6).  It is published before
 * anything else and never removed.  That another object is missing is believed
 * only if the marker can be read and is authentic, because an unmounted disk
 * on the SSH host looks like an empty archive.
 */
#define MARKER_ID	16		/* bytes of a repository's id */
#define MARKER_MAX	((size_t)64 * 1024)	/* bytes of the file */

struct marker {
	uint8_t		 repository_id[MARKER_ID];
	uint64_t	 wal_segment_size;	/* bytes; as it was signed,
						 * and perhaps no size */
	int64_t		 created_us;	/* when it was published, by that
					 * push's clock; 0 if not known */
	int		 begun;		/* marker_ensure() published it */
};

/*
 * Ask for the marker, without waiting for it.  To prove that something is
 * missing, open the marker before it: a disk that is mounted in between would
 * show the marker and hide the rest.
 */
int	 marker_open(struct store_get **, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check and read "file", the "n" bytes of the marker of the cluster
 * a->system_id.  ERR_CORRUPT if it is not authentic.
 */
int	 marker_parse(struct marker *, const uint8_t *file, size_t n,
	    struct archive *a, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the marker; "get" is from marker_open(), and stays the caller's.
 * Returns 0; 1 if there is no marker; or -1, ERR_CORRUPT if it is not
 * authentic.
 */
int	 marker_read(struct marker *, struct archive *, struct store_get *get,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The same for callers that cannot go on without it: a missing marker is
 * ERR_REMOTE, and the message asks whether the repository's disk is mounted.
 */
int	 marker_require(struct marker *, struct archive *,
	    struct store_get *get, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Open and require it: on success it is there at this moment. */
int	 marker_look(struct marker *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether the marker can be read over the connection as it stands.  Then what
 * failed before with ERR_REMOTE was one object, that no reader may open for
 * example, and neither the repository nor the way to it: on a connection that
 * was lost every later call fails.
 */
int	 marker_stands(struct archive *) __attribute__((nonnull));

/*
 * For callers that write: read the marker, or begin a repository by publishing
 * the first one.  "get" is from marker_open().  If that fails, the directories
 * that were made for it are removed where the server permits that.
 *
 * "state_dir" is the folder in which this host remembers the repositories that
 * it has used.  If it remembers one, and the repository has no marker or
 * another one, that is ERR_REMOTE ("is its disk mounted?").  To begin a
 * repository this folder must be writable (else ERR_LOCAL); otherwise it need
 * not be.
 *
 * "wal_segment_size" is the cluster's, in bytes.  ERR_CONFLICT if the marker
 * has another one.  If it is 0, for not known, nothing is compared, and a
 * repository cannot be begun (ERR_PG).
 */
int	 marker_ensure(struct marker *, struct archive *,
	    struct store_get *get, const char *state_dir,
	    uint64_t wal_segment_size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same without beginning a repository: returns 0 if the marker is there
 * and right, 1 if marker_ensure() would begin one, or -1.
 */
int	 marker_check(struct marker *, struct archive *,
	    struct store_get *get, const char *state_dir,
	    uint64_t wal_segment_size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The id of the repository that this host remembers in "state_dir".  Returns
 * 0; 1 if it remembers none; or -1, ERR_LOCAL, if that cannot be read.
 */
int	 marker_remembered(uint8_t id[MARKER_ID], const struct archive *,
	    const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_MARKER_H */
