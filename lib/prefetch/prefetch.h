/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_PREFETCH_H
#define PREFETCH_PREFETCH_H

#include "agent/serve.h"
#include "prefetch/fetchpool.h"

/*
 * The work of wal-fetch's agent: the file that was asked for, and the
 * segments that follow it, which wait in a folder of their own, whole and
 * authenticated, until a rename puts them where PostgreSQL wants them.
 *
 * The folder (0700) is DATADIR/FETCHPOOL_DIR, on the file system to which they
 * go unless pg_wal is a link to another one; then they are copied.  It is
 * emptied at the start and removed at the end.
 *
 * Only what was asked for and found moves the window: other timelines,
 * histories and files that are not there are answered by the way.  Nothing
 * is remembered as missing: what is asked for again is looked for again.
 */
struct prefetch;

/* What "conf" points to must outlive it, and so must "serve". */
int	 prefetch_new(struct prefetch **, const struct fetchpool_conf *,
	    struct serve *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Within seconds, and the folder is emptied and removed.  Returns 1 where a
 * thread still hangs in a network that says nothing: it has what it was given
 * until the process ends, and that must be now, by _exit().  Else 0.
 */
int	 prefetch_free(struct prefetch *);		/* NULL is fine */

/* For serve_run(), with the prefetch as "arg". */
extern const struct serve_work prefetch_work;

#endif /* PREFETCH_PREFETCH_H */
