/* SPDX-License-Identifier: ISC */
#ifndef REPO_PROBE_H
#define REPO_PROBE_H

#include "repo/layout.h"
#include "repo/object.h"

/*
 * A small object that goes the whole way of a WAL file and back, for a test
 * (lib/FORMAT.md, 2).  It lies in tmp/, where it counts for nothing, also if it
 * has to stay.
 *
 *	struct probe	 p;
 *
 *	if (probe_put(&p, a, begins, e) == 0) {
 *		probe_check(&p, a, e)
 *		probe_remove(&p, a, e)
 *	}
 *
 * Failures are those of store.h.
 */
#define PROBE_SIZE	((size_t)64 << 10)	/* bytes of its content */

struct probe {
	char		 path[LAYOUT_PATH];	/* in the repository */
	struct object_info info;		/* as it was stored */
	int		 begins;		/* as probe_put() was told */
	int		 server_stood;		/* before that */
};

/*
 * Store it with the push key of the archive; it is durable when this returns
 * 0.  "begins" says that the cluster has nothing there yet (marker_check()
 * returned 1): then its folders are made, and after a failure removed again
 * where the repository's host permits that.  Without it a missing folder is
 * ERR_REMOTE.
 */
int	 probe_put(struct probe *, struct archive *, int begins, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read it back: its header is authentic and says what was stored, and every
 * byte is the one that was signed.  ERR_CORRUPT if not, ERR_REMOTE if it has
 * gone.
 */
int	 probe_check(const struct probe *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Remove it, and the folders that were made for it and are empty.  Returns 0;
 * 1 if the host refuses that, so that it stays; or -1.
 */
int	 probe_remove(const struct probe *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_PROBE_H */
