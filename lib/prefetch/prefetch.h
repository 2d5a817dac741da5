/* SPDX-License-Identifier: ISC */
#ifndef PREFETCH_PREFETCH_H
#define PREFETCH_PREFETCH_H

#include "agent/serve.h"
#include "prefetch/fetchpool.h"

/*
 * The work of wal-fetch's agent.  It fetches the file that is asked for, and
 * the segments that follow it.  Those wait in a directory of their own, whole
 * and authenticated, until a rename puts them where PostgreSQL wants them.
 *
 * That directory (0700) is DATADIR/FETCHPOOL_DIR.  It is on the file system on
 * which the files are wanted, unless pg_wal is a link to another one; then
 * they are copied.  It is emptied at the start and removed at the end.
 *
 * The window of segments that are fetched ahead moves only when a segment was
 * asked for and found.  Requests for other timelines, for histories, and for
 * files that are absent leave it alone.  Absence is not remembered: a file
 * that is asked for again is looked for again.
 */
struct prefetch;

/*
 * Start the threads.  What *conf points to must live as long as the prefetch,
 * and so must "serve".  If the directory cannot be used, nothing is fetched
 * ahead, and the reason is noted for the log.  ERR_LOCAL if memory or threads
 * run out.
 */
int	 prefetch_new(struct prefetch **out, const struct fetchpool_conf *conf,
	    struct serve *serve, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stop, within seconds, and empty and remove the directory.  Returns 0 once
 * all is released.  Returns 1 if a thread still hangs in a network that does
 * not answer: it keeps what it was given.  Then the process must end at once,
 * by _exit(), or this is called again.  NULL is fine.
 */
int	 prefetch_free(struct prefetch *f);

/* For serve_run(), with the prefetch as "arg". */
extern const struct serve_work prefetch_work;

#endif /* PREFETCH_PREFETCH_H */
